struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scope = ["notes:read"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool(scopes = ["notes:read"])]
    fn list(&self) {}
}

fn main() {}
