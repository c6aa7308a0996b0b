struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg = 1] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
