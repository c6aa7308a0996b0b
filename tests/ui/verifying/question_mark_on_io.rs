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
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        Ok(AccessToken::ours(std::fs::read_to_string(token)?))
    }
}

fn main() {
    let _ = Http::protected(Notes, Database);
}
