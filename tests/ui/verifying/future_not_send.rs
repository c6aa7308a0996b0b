use mcp::{AccessToken, Http, TokenError, TokenVerifier};

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
        let token = std::rc::Rc::new(token.to_owned());
        std::future::ready(()).await;
        Ok(AccessToken::ours(token.as_str()))
    }
}

fn main() {
    let _ = Http::protected(Notes, Database);
}
