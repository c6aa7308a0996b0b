struct CallToolResult;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> CallToolResult {
        todo!()
    }
}

fn main() {}
