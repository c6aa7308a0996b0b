struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, value: *const u8) {
        drop(value);
    }
}

fn main() {}
