struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: String) -> String {
        text
    }

    /// Add a note for a colleague.
    #[mcp::prompt]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
