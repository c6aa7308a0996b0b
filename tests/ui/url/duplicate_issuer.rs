struct Notes;

#[mcp::server(
    issuer = ["https://a.example.com", "https://b.example.com", "https://a.example.com"],
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
