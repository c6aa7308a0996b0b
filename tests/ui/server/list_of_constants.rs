const ISSUER: &str = "https://auth.example.com";

struct Notes;

#[mcp::server(
    issuer = [ISSUER],
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
