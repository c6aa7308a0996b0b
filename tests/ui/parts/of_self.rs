struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

#[mcp::part(of = Self)]
impl Notes {
    /// Count the notes.
    #[mcp::tool]
    fn count(&self) {}
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
