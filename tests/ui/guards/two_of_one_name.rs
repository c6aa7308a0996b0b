struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    #[cfg(unix)]
    fn owner(&self, id: u64) -> Result<(), mcp::Denied> {
        if id == 0 { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    #[mcp::guard]
    #[cfg(not(unix))]
    fn owner(&self, id: u64) -> Result<(), mcp::Denied> {
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
