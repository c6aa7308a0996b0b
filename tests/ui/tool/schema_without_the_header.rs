struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = { "type": "object", "properties": { "text": {} } })]
    fn add(&self, #[arg(header = "Text")] text: String) -> String {
        text
    }
}

fn main() {}
