struct Notes;

#[mcp::server(guard = owner)]
impl Notes {
    /// Delete a note.
    #[mcp::tool()]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
