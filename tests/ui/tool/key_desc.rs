struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    #[mcp::tool(desc = "Add a note.")]
    fn add(&self) {}
}

fn main() {}
