//! A limit of the calls of one user, by `rate`.

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, StaticTokens, ToolResult};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    rate = "600/min",
)]
impl Notes {
    /// Send a note by mail.
    #[mcp::tool(rate = "2/h")]
    fn send(&self) -> &'static str {
        "Sent"
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let tokens = StaticTokens::new([
        ("alice-token", AccessToken::ours("alice").with_subject("alice")),
        ("bob-token", AccessToken::ours("bob").with_subject("bob")),
    ]);
    let client = TestClient::new(Http::protected(Notes, tokens));
    let mut refused = vec![];
    for token in ["alice-token", "alice-token", "alice-token", "bob-token"] {
        let result: ToolResult = client.token(token).call_tool("send", ()).await.result()?;
        refused.push(result.is_error);
    }
    // The third call of Alice. The model reads how long to wait.
    assert_eq!(refused, [false, false, true, false]);
    Ok(())
}
