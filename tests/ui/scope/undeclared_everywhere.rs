struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// Add a note.
    #[mcp::tool(scopes = ["notes:read"])]
    fn add(&self) {}
}

fn main() {}
