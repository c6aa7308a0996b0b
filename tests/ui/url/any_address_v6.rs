struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://[::]:8000/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
