struct Notes;

#[mcp::server(scopes = ["notes:read"], optional_scopes = ["notes:write"])]
impl Notes {
    /// List every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn list(&self) {}
}

fn main() {}
