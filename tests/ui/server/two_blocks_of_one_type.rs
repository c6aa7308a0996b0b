struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

#[mcp::server]
impl Notes {
    /// Count the notes.
    #[mcp::tool]
    fn count(&self) {}
}

fn main() {}
