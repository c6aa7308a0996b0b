struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self) -> String {
        "a note"
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
