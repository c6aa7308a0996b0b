use mcp::Http;

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let _ = Http::protected(Notes, |token: &str| token == "alice-token");
}
