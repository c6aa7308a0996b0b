struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> String {
        std::future::ready(()).await;
        String::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
