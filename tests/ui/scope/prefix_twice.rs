struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes.read"],
    optional_scopes = ["https://mcp.example.com/mcp/notes.write"],
    scope_prefix = "{resource}/",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
