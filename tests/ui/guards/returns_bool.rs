struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, id: u64) -> bool {
        id != 0
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
