//! The URIs that subscriptions keep, in streams and in sessions.

use axum::body::Body;
use http::Request;

use super::{app, is_served, refused};
use crate::support::client::{deliver, modern, send};
use crate::support::session::Client;
use crate::support::stream::Stream;

const KIB: usize = 1024;

/// Returns a URI of so many bytes.
fn uri(number: usize, bytes: usize) -> String {
    let start = format!("shelves://{number}-");
    let rest = "x".repeat(bytes - start.len());
    start + &rest
}

fn listen(token: &str, uris: &[String]) -> Request<Body> {
    let uris = serde_json::to_string(uris).expect("JSON");
    modern(token, "subscriptions/listen", &format!(r#""notifications":{{"resourceSubscriptions":{uris}}}"#))
}

#[tokio::test]
async fn a_stream_has_short_uris_and_not_too_many() {
    let app = app(|_| {});
    let many = |count: usize, bytes: usize| -> Vec<_> { (0..count).map(|number| uri(number, bytes)).collect() };
    for (uris, message) in [
        (many(1, 2049), "a URI of more than 2048 bytes"),
        (many(129, 2048), "URIs of more than 262144 bytes together"),
        (many(1001, 100), "1001 resources; this server takes 1000 at once"),
    ] {
        let refused = send(&app, listen("alice", &uris)).await;
        let expected = format!(r#""code":-32602,"message":"Invalid params: `resourceSubscriptions` has {message}"#);
        assert!(refused.starts_with("400 ") && refused.contains(&expected), "{refused}");
    }
    for uris in [many(128, 2048), many(1000, 100)] {
        assert!(Stream::open(&app, listen("alice", &uris)).await.message().await.contains(&uris[99]));
    }
}

#[tokio::test]
async fn the_uris_of_a_subscriber_have_a_largest_length() {
    let app = app(|limits| limits.streams.subscription_bytes = 200);
    let uris = [uri(1, 100), uri(2, 100), uri(3, 20)];
    assert!(Stream::open(&app, listen("alice", &uris[..2])).await.message().await.contains(&uris[1]));
    let refused = send(&app, listen("alice", &uris)).await;
    let expected = "Invalid params: `resourceSubscriptions` has URIs of more than 200 bytes together";
    assert!(refused.starts_with("400 ") && refused.contains(expected), "{refused}");
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    let change = async |method: &str, uri: &str| {
        alice.send(alice.request(1, &format!("resources/{method}"), &format!(r#""uri":"{uri}""#))).await
    };
    for uri in &uris[..2] {
        assert!(change("subscribe", uri).await.contains("result"));
    }
    let refused = change("subscribe", &uris[2]).await;
    let expected = "the URIs of all subscriptions are longer than 200 bytes, which is all that this server";
    assert!(refused.contains("-32602") && refused.contains(expected), "{refused}");
    assert!(change("unsubscribe", &uris[0]).await.contains("result"));
    assert!(change("subscribe", &uris[2]).await.contains("result"));
}

#[tokio::test]
async fn subscriptions_of_streams_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 2048 * KIB);
    let uris: Vec<_> = (0..50).map(|number| uri(number, 2048)).collect();
    let mut streams = Vec::new();
    let refusal = loop {
        let response = deliver(&app, listen("alice", &uris)).await;
        if response.status() != 200 {
            break send(&app, listen("alice", &uris)).await;
        }
        streams.push(Stream::of(response));
    };
    assert!(refusal == refused("", "buffered bytes") || refusal == refused("1", "buffered bytes"), "{refusal}");
    assert!(is_served(&app, "alice").await);
    Stream::open(&app, listen("bob", &uris)).await;
    streams.clear();
    Stream::open(&app, listen("alice", &uris)).await;
}

#[tokio::test]
async fn subscriptions_of_abandoned_sessions_leave_room_for_others() {
    let app = app(|limits| {
        limits.memory.buffered_bytes = 512 * KIB;
        limits.streams.subscription_bytes = 100 * KIB;
    });
    let subscribe = async |client: &Client, number: usize| {
        let params = format!(r#""uri":"{}""#, uri(number, 2048));
        client.send(client.request(1, "resources/subscribe", &params)).await
    };
    let first = Client::connect(&app, "2025-11-25", "alice").await;
    for number in 0..50 {
        assert!(subscribe(&first, number).await.contains(r#""result":{}"#));
    }
    let refusal = subscribe(&first, 50).await;
    assert!(refusal.contains(r#""code":-32602"#) && refusal.contains("longer than 102400 bytes"), "{refusal}");
    // One that is known takes no room.
    assert!(subscribe(&first, 7).await.contains(r#""result":{}"#));
    let second = Client::connect(&app, "2025-11-25", "alice").await;
    let mut number = 0;
    let refusal = loop {
        let response = subscribe(&second, number).await;
        if !response.starts_with("200 ") {
            break response;
        }
        number += 1;
    };
    assert_eq!(refusal, refused("1", "buffered bytes"));
    let bob = Client::connect(&app, "2025-11-25", "bob").await;
    assert!(subscribe(&bob, 1).await.contains(r#""result":{}"#) && is_served(&app, "alice").await);
    for number in 3..6 {
        let params = format!(r#""uri":"{}""#, uri(number, 2048));
        first.send(first.request(1, "resources/unsubscribe", &params)).await;
    }
    assert!(subscribe(&second, number).await.contains(r#""result":{}"#), "it came back");
    first.send(first.delete()).await;
    for further in 1..10 {
        assert!(subscribe(&second, number + further).await.contains(r#""result":{}"#));
    }
}
