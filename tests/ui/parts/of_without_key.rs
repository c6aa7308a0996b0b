struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::part(Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool]
    fn find(&self) {}
}

fn main() {
    let _ = mcp::Http::open(Notes).with(Search);
}
