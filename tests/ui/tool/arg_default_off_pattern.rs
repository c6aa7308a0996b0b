struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = "Buy milk", pattern = "^[a-z]+$")] text: String) {
        let _ = text;
    }
}

fn main() {}
