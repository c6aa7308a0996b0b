struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    #[mcp::tool(read_only)]
    fn add(&self) {}
}

fn main() {}
