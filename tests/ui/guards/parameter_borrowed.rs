struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, caller: String) -> Result<(), mcp::Denied> {
        if caller.is_empty() { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, caller: Option<&mcp::AccessToken>) {
        let _ = caller;
    }
}

fn main() {}
