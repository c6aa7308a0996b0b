struct Notes;

#[mcp::server()]
impl Notes {
    /// Add a note.
    #[mcp::tool(rate = "30/min")]
    fn add_note(&self) {}
}

fn main() {}
