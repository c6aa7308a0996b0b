struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Vec<mcp::Json<u8>> {
        todo!()
    }
}

fn main() {}
