struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "urn:example:notes",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
