struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[tool]
    fn add(&self, text: String) -> String {
        text
    }

    /// List every note.
    #[tool(read_only)]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
