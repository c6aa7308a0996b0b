struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes.read"],
    extra_scopes = ["notes.write"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool(scopes = ["notes.write"])]
    fn list(&self) {}
}

fn main() {}
