struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, token: &mcp::AccessToken) -> Result<(), mcp::Denied> {
        if token.client_id.is_empty() { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self) {}
}

fn main() {}
