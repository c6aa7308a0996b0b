struct Notes;

#[mcp::server(
    issuer = ["http://a.example.com", "https://b.example.com?x"],
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
