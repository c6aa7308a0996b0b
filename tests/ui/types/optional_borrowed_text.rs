struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: Option<&str>) {
        drop(text);
    }
}

fn main() {}
