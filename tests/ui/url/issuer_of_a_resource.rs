struct Notes;

#[mcp::server(
    issuer = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
