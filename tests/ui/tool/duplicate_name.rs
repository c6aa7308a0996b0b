struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) {}

    /// Append a note.
    #[mcp::tool(name = "add")]
    fn append(&self) {}
}

fn main() {}
