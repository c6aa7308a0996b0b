struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com/.well-known/oauth-authorization-server/tenants/one",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
