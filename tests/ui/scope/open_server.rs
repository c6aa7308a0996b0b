struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn add(&self) {}
}

fn main() {}
