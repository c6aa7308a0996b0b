struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    #[mcp::tool(description = include_str!("missing.md"))]
    fn add(&self) {}
}

fn main() {}
