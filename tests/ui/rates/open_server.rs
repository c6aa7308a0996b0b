struct Notes;

#[mcp::server(rate = "600/min")]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self) {}
}

fn main() {}
