struct Notes;

#[mcp::server(
    issuer = "https://YOUR_DOMAIN.auth0.com/",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
