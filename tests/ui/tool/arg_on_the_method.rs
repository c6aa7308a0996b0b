struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    #[arg(default = 1)]
    fn add(&self, copies: u8) -> u8 {
        copies
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
