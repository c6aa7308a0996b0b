struct Notes;

#[mcp::server(
    issuer = "https://sso.example.com/realms/notes/protocol/openid-connect/certs",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
