struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn hinzufügen(&self) {}
}

fn main() {}
