struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "5f0c8a1e-7d3b-4a55-9c7e-0123456789ab",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
