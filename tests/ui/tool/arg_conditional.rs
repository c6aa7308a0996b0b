struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[cfg(unix)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
