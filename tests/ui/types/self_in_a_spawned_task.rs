struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self) {
        tokio::spawn(async move {
            drop(self);
        });
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
