struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(read_only, destructive)]
    fn add(&self) {}
}

fn main() {}
