struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(meta = { "color": "red", "color": "blue" })]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
