struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> (String, u8) {
        todo!()
    }
}

fn main() {}
