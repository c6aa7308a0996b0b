struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[cfg(feature = "http")] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
