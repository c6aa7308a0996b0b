struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(task = "always")]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {}
