struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: impl Into<String>) {
        drop(text.into());
    }
}

fn main() {}
