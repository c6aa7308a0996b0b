struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:admin"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(hidden, scope = ["notes:admin"])]
    fn wipe(&self) {}
}

fn main() {}
