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
    fn find(&self) {}
}

struct Index;

#[mcp::part(of = Search)]
impl Index {
    /// Rebuild the index.
    #[mcp::tool]
    fn rebuild(&self) {}
}

fn main() {}
