struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, value: Missing) {
        drop(value);
    }
}

fn main() {}
