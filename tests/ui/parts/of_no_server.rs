struct Notes;

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool]
    fn find(&self, text: String) -> String {
        text
    }
}

fn main() {}
