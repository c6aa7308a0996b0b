struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(length = -1..)] text: String) {
        let _ = text;
    }
}

fn main() {}
