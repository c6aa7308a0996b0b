struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[args(range = 1..)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
