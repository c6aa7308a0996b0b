struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, id: u64) -> Result<(), mcp::Error> {
        if id == 0 { Err(mcp::Error::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
