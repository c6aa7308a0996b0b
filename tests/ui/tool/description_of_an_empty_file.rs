struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    #[doc = include_str!("../empty.md")]
    #[mcp::tool]
    fn add(&self) {}
}

fn main() {}
