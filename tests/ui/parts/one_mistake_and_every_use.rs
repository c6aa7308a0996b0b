use mcp::Http;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(readonly)]
    fn find(&self) {}
}

fn main() {
    let _ = Http::open(Notes).with(Search);
}
