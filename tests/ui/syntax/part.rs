struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"]
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

struct Archive;

#[mcp::part(of = Notes)]
impl Archive {
    /// Archive a note.
    #[mcp::tool]
    async fn archive(&self, te) {
        drop(self);
    }
}

fn main() {
    let tokens = mcp::StaticTokens::new([("t", mcp::AccessToken::ours("alice"))]);
    let _ = mcp::Http::protected(Notes, tokens).with(Archive);
}
