struct Notes;

#[mcp::server]
impl Notes {
    /// Delete every note.
    #[mcp::tool(hidden)]
    fn wipe(&self) {}
}

fn main() {}
