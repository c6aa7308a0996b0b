struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, texts: &[String]) -> usize {
        texts.len()
    }
}

fn main() {}
