struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool = "add"]
    fn add(&self) {}
}

fn main() {}
