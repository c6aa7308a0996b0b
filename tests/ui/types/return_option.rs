struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn find(&self) -> Option<String> {
        None
    }
}

fn main() {}
