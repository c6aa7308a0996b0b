use mcp::{AccessToken, TokenError, TokenVerifier};

struct Database;

impl TokenVerifier for Database {
    async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
        Ok(AccessToken::new("alice"))
    }
}

fn main() {}
