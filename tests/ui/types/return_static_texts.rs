struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Vec<&'static str> {
        todo!()
    }
}

fn main() {}
