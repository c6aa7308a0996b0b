struct Notes;

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:find"])]
    fn find(&self) {}

    /// Purge notes.
    #[mcp::tool(scopes = ["notes:purge"], hidden)]
    fn purge(&self) {}
}

fn main() {}
