struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    #[mcp::tool]
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
