struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self) {}
}

fn main() {
    let _ = mcp::Http::open(Notes).rates(mcp::Rates::new().server(mcp::Rate::per_minute(600)));
}
