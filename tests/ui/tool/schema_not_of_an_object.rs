struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = { "properties": { "text": {} } })]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
