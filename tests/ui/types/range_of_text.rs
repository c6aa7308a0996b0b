struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(range = 1..=5)] text: String) {
        drop(text);
    }
}

fn main() {}
