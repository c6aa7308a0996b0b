struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(icons = ["http://example.com/icon.png"])]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
