struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: &str) -> usize {
        text.len()
    }
}

fn main() {}
