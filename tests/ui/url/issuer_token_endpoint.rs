struct Notes;

#[mcp::server(
    issuer = "https://login.microsoftonline.com/5f0c8a1e-7d3b-4a55-9c7e-0123456789ab/oauth2/v2.0/token",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
