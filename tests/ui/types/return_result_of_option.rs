struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<Option<String>, mcp::Error> {
        todo!()
    }
}

fn main() {}
