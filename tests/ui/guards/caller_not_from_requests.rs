struct Notes;

struct Caller(String);

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, caller: &Caller) -> Result<(), mcp::Denied> {
        if caller.0.is_empty() { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self) {}
}

fn main() {}
