struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = r#"{"type": "object"}"#)]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
