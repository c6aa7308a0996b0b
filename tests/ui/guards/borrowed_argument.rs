struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, text: &str) -> Result<(), mcp::Denied> {
        if text.is_empty() { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, text: String) {
        let _ = text;
    }
}

fn main() {}
