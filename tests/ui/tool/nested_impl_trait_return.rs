struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn list(&self) -> Result<impl mcp::IntoToolResult, mcp::Error> {
        Ok("Buy milk")
    }
}

fn main() {}
