struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt(nme = "code-review")]
    fn review(&self, language: String) -> String {
        language
    }

    #[mcp::completion(prompt = "code-review", argument = "language")]
    fn languages(&self, language: String) -> Vec<String> {
        vec![language]
    }
}

fn main() {}
