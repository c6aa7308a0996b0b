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
    #[mcp::tool]
    fn find(&self, text: String) -> String {
        text
    }
}

fn main() {
    let _ = Http::open(Search);
}
