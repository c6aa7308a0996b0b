struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(pattern = "[a-z")] text: String) {
        let _ = text;
    }
}

fn main() {}
