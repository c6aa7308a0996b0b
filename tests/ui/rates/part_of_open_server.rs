struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(rate = "30/min")]
    fn find_notes(&self) {}
}

fn main() {}
