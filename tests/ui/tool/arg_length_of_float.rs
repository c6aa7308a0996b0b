struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(length = 0.5..2.0)] text: String) {
        let _ = text;
    }
}

fn main() {}
