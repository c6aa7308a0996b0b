struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, bytes: &'static [u8]) {
        drop(bytes);
    }
}

fn main() {}
