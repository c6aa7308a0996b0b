struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Option<mcp::Json<u8>> {
        todo!()
    }
}

fn main() {}
