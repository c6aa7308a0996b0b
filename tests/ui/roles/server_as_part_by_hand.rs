struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn clear(&self) {}
}

struct Open;

#[mcp::server]
impl Open {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) {}
}

impl mcp::Part for Notes {}

fn main() {}
