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
