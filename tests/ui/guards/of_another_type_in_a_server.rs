struct Notes;

#[mcp::server]
impl Notes {
    /// Delete a note.
    #[mcp::tool(guard = Search::owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
