//! Types that a server makes from its requests.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mcp::{Denied, FromRequest, MemoryClient, Request, Stdio};
use serde_json::json;

use super::{Tracker, app};
use crate::support::client::{LEGACY, ask, legacy, send};
use crate::support::log::Log;
use crate::support::schema::MODERN;

async fn text(token: &str, tool: &str) -> String {
    let (status, _, body) = ask(&app(), MODERN, token, "tools/call", json!({"name": tool, "arguments": {}})).await;
    assert_eq!(status, 200, "{body}");
    body["result"]["content"][0]["text"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn a_method_takes_what_the_server_makes_of_the_request() {
    assert_eq!(text("alice-token", "whoami").await, "acme true", "made once");
    assert_eq!(text("alice-token", "whoami_blocking").await, "acme alice true");
    assert_eq!(text("alice-token", "maybe").await, r#"Some("acme") true"#);
}

#[tokio::test]
async fn what_is_absent_is_none_or_a_denial() {
    assert_eq!(text("stranger-token", "maybe").await, "None false");
    assert_eq!(text("stranger-token", "whoami").await, "the token names no tenant");
    assert_eq!(text("banned-token", "maybe").await, "this tenant is banned", "a denial makes nobody a stranger");
}

#[tokio::test]
async fn a_failure_is_never_nobody() {
    for tool in ["whoami", "maybe", "whoami_blocking"] {
        for version in [MODERN, LEGACY[2]] {
            let log = Log::start();
            let call = json!({"name": tool, "arguments": {}});
            let (status, challenge, body) = ask(&app(), version, "down-token", "tools/call", call).await;
            assert_eq!((status, &*challenge), (503, ""), "{tool}: {body}");
            assert!(!body.to_string().contains("secrets"), "{body}");
            assert!(log.text().contains("no connection to the database of secrets"), "{}", log.text());
        }
    }
}

#[tokio::test]
async fn an_extraction_happens_once_in_a_request() {
    let client = MemoryClient::new(Count::default());
    for (tool, expected) in [("twice", "1 1"), ("blocking", "2 2"), ("none", "3 true"), ("plain", "3")] {
        let result = client.call_tool(tool, json!({})).await.expect("a result");
        assert_eq!(result.text(), expected, "{tool}");
    }
}

/// A server that counts its extractions, and a type of which every third request has none.
#[derive(Default)]
struct Count(Arc<std::sync::atomic::AtomicUsize>);

struct Nth(usize);

impl FromRequest for Nth {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        let count = request.server::<Count>().ok_or("another server")?;
        match count.0.fetch_add(1, Ordering::Relaxed) + 1 {
            3 => Err(Denied::absent("the third has none")),
            nth => Ok(Self(nth)),
        }
    }
}

#[mcp::server]
impl Count {
    /// Is not asked for every argument.
    #[mcp::guard]
    fn counted(&self, nth: Option<&Nth>) -> Result<(), Denied> {
        let _ = nth;
        Ok(())
    }

    /// Counts twice.
    #[mcp::tool(guard = counted)]
    fn twice(&self, one: &Nth, other: &Nth) -> String {
        format!("{} {}", one.0, other.0)
    }

    /// Counts on a thread.
    #[mcp::tool(guard = counted, blocking)]
    fn blocking(&self, one: &Nth, other: Option<&Nth>) -> String {
        format!("{} {}", one.0, other.map_or(0, |nth| nth.0))
    }

    /// Counts nothing.
    #[mcp::tool(guard = counted)]
    fn none(&self, nth: Option<&Nth>) -> String {
        format!("{} {}", self.0.load(Ordering::Relaxed), nth.is_none())
    }

    /// Takes nothing.
    #[mcp::tool]
    fn plain(&self) -> String {
        self.0.load(Ordering::Relaxed).to_string()
    }
}

#[tokio::test]
async fn other_transports_have_no_token_to_make_it_of() {
    let client = MemoryClient::new(Tracker::default());
    assert_eq!(client.call_tool("maybe", json!({})).await.expect("a result").text(), "None false");
    let denied = client.call_tool("whoami", json!({})).await.expect("a result");
    assert!(denied.is_error && denied.text() == "this needs a token");
    let mut client = crate::support::stdio::Client::of(Stdio::new(Tracker::default()));
    let meta = crate::support::client::META;
    for (tool, expected) in [("maybe", "None false"), ("whoami", "this needs a token")] {
        let line = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{}},{meta}}}}}"#
        );
        let answer = client.ask(&line).await;
        assert!(answer.contains(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_batch_has_an_extraction_for_each_request() {
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{}}}"#;
    let mut batch = legacy(LEGACY[0], "alice-token", "", "");
    *batch.body_mut() = format!("[{one},{}]", one.replace(r#""id":1"#, r#""id":2"#)).into();
    let answers = send(&app(), batch).await;
    assert_eq!(answers.matches("acme true").count(), 2, "{answers}");
}
