const MAX: u8 = 5;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(range = 1..=MAX)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
