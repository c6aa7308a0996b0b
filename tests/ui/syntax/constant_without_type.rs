struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    const LIMIT = 10;

    /// Add a note.
    #[mcp::tool]
    async fn add(&self) -> u8 {
        Self::LIMIT
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.list());
}
