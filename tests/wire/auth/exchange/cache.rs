//! The cache of exchanged tokens: until which time, for whom, and how many at once.

use std::time::Duration;

use serde_json::json;

use super::{Assistant, app, exchange, exchanging, issued, refusal, text};
use crate::support::clock::pass;

const SENT: &str = "sent to https://calendar.example.com/v1";

#[tokio::test]
async fn a_token_is_used_until_it_expires_or_the_callers_does() {
    let hour = 3600;
    for (token, expires_in, fresh, stale) in [
        // Less a margin.
        ("inbound-token-1", json!(300), 269, 2),
        ("inbound-token-1", json!(8), 5, 2),
        // Never longer than the caller's.
        ("inbound-token-of-a-minute", json!(hour), 50, 11),
        // Never longer than the setting.
        ("inbound-token-1", json!(100 * hour), hour - 1, 2),
        ("inbound-token-of-an-hour", json!(u64::MAX), hour - 10, 11),
    ] {
        let mut server = exchanging(issued("exchanged-token-4", json!({"expires_in": expires_in}))).await;
        let app = app(&Assistant::default(), exchange(&server));
        assert_eq!(text(&app, token, "events").await, SENT);
        pass(Duration::from_secs(fresh)).await;
        assert_eq!(text(&app, token, "events").await, SENT);
        assert_eq!(server.asked().len(), 1, "{expires_in}");
        pass(Duration::from_secs(stale)).await;
        assert_eq!(text(&app, token, "events").await, SENT);
        assert_eq!(server.asked().len(), 1, "{expires_in}");
    }
}

#[tokio::test]
async fn nothing_is_cached_without_an_end_or_with_a_limit_of_zero() {
    for (answer, change) in [
        (json!({"expires_in": null}), None),
        (json!({}), Some("capacity")),
        (json!({}), Some("bytes")),
        (json!({}), Some("lifetime")),
    ] {
        let mut server = exchanging(issued("exchanged-token-5", answer)).await;
        let exchange = match change {
            Some("capacity") => exchange(&server).cache_capacity(0),
            Some("bytes") => exchange(&server).cache_bytes(0),
            Some(_) => exchange(&server).cache_lifetime(Duration::ZERO),
            None => exchange(&server),
        };
        let app = app(&Assistant::default(), exchange);
        for _ in 0..2 {
            assert_eq!(text(&app, "inbound-token-1", "events").await, SENT);
        }
        assert_eq!(server.asked().len(), 2, "{change:?}");
    }
}

#[tokio::test]
async fn callers_and_apis_have_tokens_of_their_own() {
    let mut server = exchanging(issued("exchanged-token-6", json!({}))).await;
    server.reply_to("inbound-token-1", issued("exchanged-for-one", json!({})));
    server.reply_to("inbound-token-2", issued("exchanged-for-two", json!({})));
    let assistant = Assistant::default();
    let app = app(&assistant, exchange(&server));
    for _ in 0..2 {
        text(&app, "inbound-token-1", "events").await;
        text(&app, "inbound-token-2", "events").await;
        text(&app, "inbound-token-1", "orders").await;
    }
    let each = ["Bearer exchanged-for-one", "Bearer exchanged-for-two", "Bearer exchanged-for-one"];
    assert_eq!(assistant.take_sent(), [each, each].concat());
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_refusal_is_cached_for_a_moment_and_an_outage_never() {
    let mut server = exchanging(refusal(400, &json!({"error": "invalid_grant"}))).await;
    let app = app(&Assistant::default(), exchange(&server));
    for _ in 0..2 {
        assert!(text(&app, "inbound-token-1", "events").await.ends_with("(invalid_grant)"));
    }
    assert_eq!(server.asked().len(), 1);
    pass(Duration::from_secs(11)).await;
    server.reply(refusal(500, &json!({})));
    for _ in 0..2 {
        assert!(text(&app, "inbound-token-1", "events").await.starts_with("503 "));
    }
    server.reply(issued("exchanged-token-7", json!({})));
    assert_eq!(text(&app, "inbound-token-1", "events").await, SENT);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn calls_at_once_share_one_exchange() {
    let mut server = exchanging(issued("exchanged-token-8", json!({"expires_in": null}))).await;
    let app = app(&Assistant::default(), exchange(&server));
    server.hold();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { text(&app, "inbound-token-1", "events").await })
        })
        .collect();
    let other = {
        let app = app.clone();
        tokio::spawn(async move { text(&app, "inbound-token-2", "events").await })
    };
    let first = [server.next().await, server.next().await];
    assert!(first.iter().any(|form| form.contains("inbound-token-1")), "{first:?}");
    assert!(first.iter().any(|form| form.contains("inbound-token-2")), "{first:?}");
    server.release();
    for call in calls.into_iter().chain([other]) {
        assert_eq!(call.await.unwrap(), SENT);
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_asked_by_one_at_a_time() {
    let mut server = exchanging(issued("exchanged-token-9", json!({"expires_in": null}))).await;
    let app = app(&Assistant::default(), exchange(&server).timeout(Duration::from_secs(2)));
    server.hold();
    let begin = || {
        let app = app.clone();
        tokio::spawn(async move { text(&app, "inbound-token-1", "events").await })
    };
    for _ in 0..3 {
        let call = begin();
        server.next().await;
        pass(Duration::from_secs(3)).await;
        // By then, the response is a stream.
        let response = call.await.unwrap();
        assert!(response.contains(r#""code":503,"message":"An API that this needs is not available"#), "{response}");
    }
    // The breaker is open: the first is a probe, and the other one does not wait.
    let probe = begin();
    server.next().await;
    assert!(text(&app, "inbound-token-2", "events").await.starts_with("503 "));
    server.release();
    assert_eq!(probe.await.unwrap(), SENT);
    assert_eq!(text(&app, "inbound-token-2", "events").await, SENT);
}
