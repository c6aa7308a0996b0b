struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    /// Add a note.
    #[mcp::tool]
    async fn add(&self, token: &mcp::) {
        drop(self);
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.list());
}
