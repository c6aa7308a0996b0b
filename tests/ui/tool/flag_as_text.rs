struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(read_only = "yes")]
    fn add(&self) {}
}

fn main() {}
