struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(input_schema = { "type": "object", "properties": { "text": {} } })]
    fn add(&self, #[arg(length = 1..)] text: String) -> String {
        text
    }
}

fn main() {}
