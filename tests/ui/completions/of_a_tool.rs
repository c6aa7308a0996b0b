struct Reviews;

#[mcp::server]
impl Reviews {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: String) -> String {
        text
    }

    #[mcp::completion(tool = "add", argument = "text")]
    fn languages(&self, text: String) -> Vec<String> {
        let _ = text;
        Vec::new()
    }
}

fn main() {}
