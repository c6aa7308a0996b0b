struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn list(&self) -> impl mcp::IntoToolResult {
        "Buy milk"
    }
}

fn main() {}
