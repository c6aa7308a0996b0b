struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, id: u64) -> Result<(), mcp::Denied> {
        if id == 0 { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool()]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
