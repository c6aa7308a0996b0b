struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    base_url = "https://mcp.example.com",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
