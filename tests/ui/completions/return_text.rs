struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, language: String, framework: Option<String>) -> String {
        format!("{language} {framework:?}")
    }

    #[mcp::completion(prompt = "review", argument = "language")]
    fn languages(&self, language: String) -> String {
        language
    }
}

fn main() {}
