struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(name = "")]
    fn add(&self) {}
}

fn main() {}
