struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(name = "text")] note: String, text: String) -> String {
        note + &text
    }
}

fn main() {}
