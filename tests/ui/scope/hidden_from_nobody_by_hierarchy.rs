struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:admin"],
    optional_scopes = ["notes:write"],
    hierarchy = ["notes:admin" > "notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"], hidden = true)]
    fn wipe(&self) {}
}

fn main() {}
