struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: Option<&'static str>) {
        drop(text);
    }
}

fn main() {}
