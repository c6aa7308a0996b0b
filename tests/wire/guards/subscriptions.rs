//! Guards of subscriptions: asked when a client subscribes, and again before it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use http::Request;
use mcp::{Changes, Stdio};
use serde_json::json;

use super::{Tracker, http};
use crate::support::client::{LEGACY, send};
use crate::support::log::Log;
use crate::support::session::Client;
use crate::support::stream::{Stream, listen};

fn tracker() -> (Router, Changes, Arc<AtomicBool>) {
    let is_sold = Arc::<AtomicBool>::default();
    let http = http(Tracker { is_sold: Arc::clone(&is_sold), ..Tracker::default() });
    let changes = http.changes();
    (http.router(), changes, is_sold)
}

fn listen_as(token: &str, uris: &[&str]) -> Request<Body> {
    let mut request = listen("7", &format!(r#""resourceSubscriptions":{}"#, json!(uris)));
    let bearer = format!("Bearer {token}");
    request.headers_mut().insert("authorization", bearer.parse().expect("a header"));
    request
}

/// Returns the message that issue `id` changed, in the form of a version.
fn updated(id: u64, is_modern: bool) -> String {
    let meta = if is_modern { r#""_meta":{"io.modelcontextprotocol/subscriptionId":7},"# } else { "" };
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{{{meta}"uri":"issue://{id}"}}}}"#)
}

#[tokio::test]
async fn a_client_hears_only_of_what_it_may_read() {
    let (app, changes, _) = tracker();
    let mut stream = Stream::open(&app, listen_as("gloria-token", &["issue://3", "issue://42"])).await;
    let acknowledged = stream.message().await;
    assert!(acknowledged.contains(r#""resourceSubscriptions":["issue://42"]"#), "{acknowledged}");
    let session = Client::connect(&app, LEGACY[2], "gloria-token").await;
    let mut told = session.open(session.get("")).await;
    let refused = session.send(session.request(2, "resources/subscribe", r#""uri":"issue://3""#)).await;
    assert!(refused.contains(r#""code":-32002,"message":"Resource not found""#), "{refused}");
    let allowed = session.send(session.request(3, "resources/subscribe", r#""uri":"issue://42""#)).await;
    assert!(allowed.contains(r#""result":{}"#), "{allowed}");
    for id in [3, 42] {
        changes.resource_updated(format!("issue://{id}"));
    }
    assert_eq!(stream.message().await, updated(42, true));
    assert_eq!(told.any_message().await, updated(42, false));
}

#[tokio::test]
async fn a_client_that_may_not_read_any_more_is_not_told() {
    let (app, changes, is_sold) = tracker();
    let uris = ["issue://4", "issue://5"];
    let mut stream = Stream::open(&app, listen_as("alice-token", &uris)).await;
    stream.message().await;
    let session = Client::connect(&app, LEGACY[2], "alice-token").await;
    let mut told = session.open(session.get("")).await;
    for (id, uri) in (2..).zip(uris) {
        session.send(session.request(id, "resources/subscribe", &format!(r#""uri":"{uri}""#))).await;
    }
    changes.resource_updated("issue://5");
    assert_eq!(stream.message().await, updated(5, true));
    assert_eq!(told.any_message().await, updated(5, false));
    is_sold.store(true, Ordering::Relaxed);
    for uri in ["issue://5", "issue://4"] {
        changes.resource_updated(uri);
    }
    assert_eq!(stream.message().await, updated(4, true));
    assert_eq!(told.any_message().await, updated(4, false));
}

#[tokio::test]
async fn an_undecidable_subscription_is_refused_with_a_503() {
    let (app, ..) = tracker();
    let log = Log::start();
    let refused = send(&app, listen_as("down-token", &["issue://3"])).await;
    assert!(refused.starts_with("503 ") && refused.contains("retry-after"), "{refused}");
    let session = Client::connect(&app, LEGACY[2], "down-token").await;
    let refused = session.send(session.request(2, "resources/subscribe", r#""uri":"issue://3""#)).await;
    assert!(refused.starts_with("503 ") && !refused.contains("secrets"), "{refused}");
    assert_eq!(log.text().matches("no connection to the database of secrets").count(), 2, "{}", log.text());
}

#[tokio::test]
async fn guards_are_asked_over_stdio_too() {
    let mut client = crate::support::stdio::Client::of(Stdio::new(Tracker::default()));
    let initialize = r#""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}"#;
    client.ask(&crate::support::client::message("initialize", initialize)).await;
    let refused = client.ask(&crate::support::client::message("resources/subscribe", r#""uri":"issue://3""#)).await;
    assert!(refused.contains(r#""code":403,"message":"this needs a token""#), "{refused}");
}

/// A server whose guard has a rate and a time limit.
#[derive(Default)]
struct Archive {
    is_stuck: Arc<AtomicBool>,
}

#[mcp::server(timeout = "1s", issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Archive {
    /// Box 9 is stuck, and once everything is, so is box 1.
    #[mcp::guard]
    async fn in_order(&self, id: u8) -> Result<(), mcp::Denied> {
        if id == 9 || id == 1 && self.is_stuck.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    /// A box.
    #[mcp::resource("box://{id}", guard = in_order, rate = "2/min")]
    fn one(&self, id: u8) -> String {
        id.to_string()
    }
}

fn archive() -> (Router, Changes, Arc<AtomicBool>) {
    let is_stuck = Arc::<AtomicBool>::default();
    let tokens = ["alice", "bob"].map(|name| (name, mcp::AccessToken::ours(name)));
    let http = mcp::Http::protected(Archive { is_stuck: Arc::clone(&is_stuck) }, mcp::StaticTokens::new(tokens));
    let changes = http.changes();
    (http.router(), changes, is_stuck)
}

fn listen_to(token: &str, uris: &[&str]) -> Request<Body> {
    let mut request = listen_as("", uris);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    request
}

#[tokio::test(start_paused = true)]
async fn a_guarded_subscription_counts_against_the_rate_of_its_resource() {
    let text = "Too many requests for `box://{id}` (at most 2/min); try again in 30 seconds";
    let (app, ..) = archive();
    let refused = send(&app, listen_to("alice", &["box://1", "box://2", "box://3"])).await;
    assert!(refused.starts_with("429 ") && refused.contains(text) && refused.contains("retry-after: 30"), "{refused}");
    let session = Client::connect(&app, LEGACY[2], "bob").await;
    for (id, expected) in [(2, "{}"), (3, "{}"), (4, text)] {
        let params = format!(r#""uri":"box://{id}""#);
        let answer = session.send(session.request(id, "resources/subscribe", &params)).await;
        assert!(answer.contains(expected), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_guard_has_the_time_limit_of_its_resource_for_subscriptions_too() {
    let text = r#""error":{"code":504,"message":"Timed out after 1 s"}"#;
    let (app, changes, is_stuck) = archive();
    let refused = send(&app, listen_to("alice", &["box://9"])).await;
    assert!(refused.contains(text), "{refused}");
    let session = Client::connect(&app, LEGACY[2], "alice").await;
    let refused = session.send(session.request(2, "resources/subscribe", r#""uri":"box://9""#)).await;
    assert!(refused.contains(text), "{refused}");
    let mut stream = Stream::open(&app, listen_to("bob", &["box://1", "box://2"])).await;
    stream.message().await;
    is_stuck.store(true, Ordering::Relaxed);
    changes.resource_updated("box://1");
    changes.resource_updated("box://2");
    assert!(stream.message().await.contains("box://2"), "the stream goes on");
}
