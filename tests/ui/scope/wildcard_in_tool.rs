struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Add a note.
    #[mcp::tool(scopes = ["notes:*"])]
    fn add(&self) {}
}

fn main() {}
