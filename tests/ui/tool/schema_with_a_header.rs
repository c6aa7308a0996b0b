struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = { "type": "object", "properties": { "text": { "x-mcp-header": "Text" } } })]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
