struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = "Buy milk", length = ..=3)] text: String) {
        let _ = text;
    }
}

fn main() {}
