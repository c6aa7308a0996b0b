struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://${HOST}/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
