struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(self: Box<Self>) {}
}

fn main() {}
