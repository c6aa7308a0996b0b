use mcp::{Http, AccessToken, TokenError, TokenVerifier};

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

struct Database;

impl TokenVerifier for Database {
    async fn verify_token(&self, token: &str) -> Result<Option<AccessToken>, TokenError> {
        Ok(Some(AccessToken::ours(token)))
    }
}

fn main() {
    let _ = Http::protected(Notes, Database);
}
