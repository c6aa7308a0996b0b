struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = 9, range = 1..=5)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
