struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    /// Add a note.
    fn add(&self, #[arg(default = 1)] copies: u8) -> u8 {
        copies
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.add(1));
}
