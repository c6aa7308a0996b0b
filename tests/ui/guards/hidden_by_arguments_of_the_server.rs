struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    pub(crate) fn owner(&self, id: u64) -> Result<(), mcp::Denied> {
        if id == 0 { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: u64) {
        let _ = id;
    }
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find a note.
    #[mcp::tool(hidden, guard = Notes::owner)]
    fn find(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
