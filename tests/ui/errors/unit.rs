struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<String, ()> {
        todo!()
    }
}

fn main() {}
