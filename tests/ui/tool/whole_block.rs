struct Notes;

#[mcp::tool]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = 1)] copies: u8) -> u8 {
        copies
    }
}

fn main() {
    drop(Notes.add(1));
}
