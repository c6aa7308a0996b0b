struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, texts: Vec<&'static str>) {
        drop(texts);
    }
}

fn main() {}
