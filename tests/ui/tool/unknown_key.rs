struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(readonly)]
    fn add(&self) {}
}

fn main() {}
