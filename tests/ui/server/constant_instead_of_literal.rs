const RESOURCE: &str = "https://mcp.example.com/mcp";

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = RESOURCE,
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
