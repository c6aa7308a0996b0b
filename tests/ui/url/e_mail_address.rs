struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "notes@example.com",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
