struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self, text: ) -> Result< {
        Ok(text)
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
