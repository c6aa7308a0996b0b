struct Notes;

#[mcp::server(
    issuer = env!("ISSUER"),
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
