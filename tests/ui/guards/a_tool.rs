struct Notes;

#[mcp::server]
impl Notes {
    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }

    /// Own a note.
    #[mcp::tool]
    fn owner(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
