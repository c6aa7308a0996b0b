//! Calls from pages in browsers, by the names of their origins.

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let client = TestClient::new(Http::protected(Notes, tokens).allow_origins(["https://app.example.com"]));
    for (origin, status) in [("https://app.example.com", 204), ("https://evil.example", 403)] {
        let preflight = mcp::http::Request::options(client.endpoint())
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body("")?;
        assert_eq!(client.send(preflight).await.status(), status);
    }
    Ok(())
}
