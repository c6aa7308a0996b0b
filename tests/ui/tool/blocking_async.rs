struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(blocking)]
    async fn add(&self) {}
}

fn main() {}
