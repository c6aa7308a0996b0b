struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(name = "add note")]
    fn add(&self) {}
}

fn main() {}
