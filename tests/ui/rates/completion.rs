struct Reviews;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/mcp")]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, language: String) -> String {
        language
    }

    #[mcp::completion(prompt = "review", argument = "language", rate = "30/min")]
    fn languages(&self, language: String) -> Vec<String> {
        vec![language]
    }
}

fn main() {}
