struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::server]
impl Search {
    /// Find notes.
    #[mcp::tool]
    fn find(&self) {}
}

#[mcp::part(of = Notes)]
impl Search {
    /// Find more notes.
    #[mcp::tool]
    fn more(&self) {}
}

fn main() {}
