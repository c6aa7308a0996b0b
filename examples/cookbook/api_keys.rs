//! API keys from a table, by a verifier of one method.
//!
//! Store the digest of a key, not the key. A `CachedVerifier` around the verifier saves look-ups.

use std::time::Duration;

use mcp::testing::TestClient;
use mcp::{AccessToken, CachedVerifier, Http, TokenError, TokenVerifier};

struct Keys;

impl Keys {
    /// Stands for the query of a database.
    async fn owner(&self, key: &str) -> std::io::Result<Option<&'static str>> {
        Ok((key == "key-of-alice").then_some("alice"))
    }
}

impl TokenVerifier for Keys {
    async fn verify_token(&self, key: &str) -> Result<AccessToken, TokenError> {
        match self.owner(key).await {
            // `ours`: the key exists for this server alone.
            Ok(Some(owner)) => Ok(AccessToken::ours(owner).with_subject(owner).with_scopes("notes:read")),
            Ok(None) => Err(TokenError::invalid("unknown key")),
            // Not a 401: the key may be right.
            Err(_) => Err(TokenError::unavailable("the database is down")),
        }
    }
}

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    scopes = ["notes:read"],
)]
impl Notes {
    /// Report who is calling.
    #[mcp::tool]
    fn whoami(&self, token: &AccessToken) -> String {
        token.client_id.clone()
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let verifier = CachedVerifier::builder(Keys).cache_lifetime(Duration::from_secs(30)).build();
    let client = TestClient::new(Http::protected(Notes, verifier));
    let result: mcp::ToolResult = client.token("key-of-alice").call_tool("whoami", ()).await.result()?;
    assert_eq!(result.text(), "alice");
    assert_eq!(client.token("another").call_tool("whoami", ()).await.status(), 401);
    Ok(())
}
