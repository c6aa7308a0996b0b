struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = { "type": "object", "properties": { "text": {} }, "required": ["txt"] })]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
