//! A smaller limit of requests, by a field of `mcp::Limits`.

use mcp::testing::TestClient;
use mcp::{Http, Limits};
use serde_json::json;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self, text: String) -> usize {
        text.len()
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let mut limits = Limits::default();
    limits.request.body_bytes = 64 * 1024;
    let client = TestClient::new(Http::open(Notes).limits(limits));
    let call = |length: usize| client.call_tool("add_note", json!({"text": "x".repeat(length)}));
    assert_eq!(call(1000).await.status(), 200);
    assert_eq!(call(100_000).await.status(), 413);
    Ok(())
}
