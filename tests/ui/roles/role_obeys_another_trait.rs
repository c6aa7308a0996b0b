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

impl mcp::__private::role::OfOpen for mcp::__private::role::Protected {}

fn main() {
    let _ = mcp::Http::open(Notes);
}
