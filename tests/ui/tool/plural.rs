struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tools]
    fn add(&self) {}
}

fn main() {}
