struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, token: &'static mcp::AccessToken) {
        drop(token);
    }
}

fn main() {}
