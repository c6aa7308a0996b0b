struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner<T>(&self, id: T) -> Result<(), mcp::Denied> {
        drop(id);
        Ok(())
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
