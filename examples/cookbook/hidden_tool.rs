//! A tool that only administrators see, by a scope and `hidden`.

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    optional_scopes = ["notes:admin"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }

    /// Delete every note.
    #[mcp::tool(scopes = ["notes:admin"], hidden)]
    fn clear(&self) {}
}

pub(crate) async fn run() -> crate::Outcome {
    let tokens = StaticTokens::new([
        ("alice-token", AccessToken::ours("alice")),
        ("admin-token", AccessToken::ours("admin").with_scopes("notes:admin")),
    ]);
    let client = TestClient::new(Http::protected(Notes, tokens));
    for (token, tools) in [("alice-token", 1), ("admin-token", 2)] {
        let listed = client.token(token).list_tools().await.json();
        assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(tools));
    }
    Ok(())
}
