struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[mcp::arg(default = 1)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
