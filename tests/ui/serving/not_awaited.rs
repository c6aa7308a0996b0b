#![deny(unused_must_use)]
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
    let tokens = mcp::StaticTokens::new([("alice-token", mcp::AccessToken::ours("alice"))]);
    Http::protected(Notes, tokens).serve("127.0.0.1:8000");
}
