//! The memory of sessions of older versions, whose clients are gone.

use super::{app, depot, is_served};
use crate::support::client::{call, deliver, send, unchecked};
use crate::support::session::Client;
use crate::support::stream::Stream;

const KIB: usize = 1024;

/// Returns `true` if there is room for a body of so many bytes.
async fn has_room(app: &axum::Router, token: &str, bytes: usize) -> bool {
    let text = format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes));
    send(app, call(token, "measure", &text)).await.starts_with("200 ")
}

/// Reads a stream to its end, and returns the id of the event by which it can be resumed.
async fn read(mut stream: Stream) -> String {
    let mut first = String::new();
    while let Some(event) = stream.next().await {
        if let Some(id) = event.lines().find_map(|line| line.strip_prefix("id: "))
            && first.is_empty()
        {
            first = id.to_owned();
        }
    }
    first
}

#[tokio::test]
async fn streams_that_have_ended_leave_room_for_others() {
    let app = app(|limits| {
        limits.session.finished_streams = 4;
        limits.memory.buffered_bytes = 1024 * KIB;
    });
    let bob = Client::connect(&app, "2025-11-25", "bob").await;
    let of_bob = read(bob.open(bob.call(1, "long", r#"{"bytes":10}"#)).await).await;
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    let mut of_alice = Vec::new();
    // Each holds 100 KiB while it is kept, which come back.
    for id in 1..=20 {
        let arguments = format!(r#"{{"bytes":{}}}"#, 100 * KIB);
        of_alice.push(read(alice.open(alice.call(id, "long", &arguments)).await).await);
        while !has_room(&app, "alice", 200 * KIB).await {
            tokio::task::yield_now().await;
        }
    }
    for (client, id, is_kept) in [
        (&alice, &of_alice[0], false),
        (&alice, &of_alice[17], false),
        (&alice, &of_alice[18], true),
        (&alice, &of_alice[19], true),
        (&bob, &of_bob, true),
    ] {
        let response = deliver(&app, unchecked(client.get(id))).await;
        assert_eq!(response.status(), if is_kept { 200 } else { 400 }, "{id}");
    }
    // Those of a session that its client ends are gone, too.
    assert_eq!(alice.send(alice.delete()).await, "204 No Content\n\n");
    while !has_room(&app, "alice", 400 * KIB).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sessions_that_have_ended_leave_room_for_others() {
    let app = app(|limits| limits.session.ended = 4);
    let ended = async |token: &'static str| {
        let client = Client::connect(&app, "2025-11-25", token).await;
        assert_eq!(client.send(client.delete()).await, "204 No Content\n\n");
        client
    };
    let status = async |client: &Client| {
        let response = client.send(client.request(1, "ping", "")).await;
        response.chars().take(3).collect::<String>()
    };
    let bob = ended("bob").await;
    let mut alice = Vec::new();
    for _ in 0..6 {
        alice.push(ended("alice").await);
    }
    assert_eq!(status(&bob).await, "404");
    let mut remembered = 0;
    for client in &alice {
        remembered += usize::from(status(client).await == "404");
    }
    assert_eq!(remembered, 2, "a share of what there is");
}

#[tokio::test]
async fn messages_of_abandoned_requests_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * KIB);
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    let arguments = format!(r#"{{"times":2,"bytes":{}}}"#, 300 * KIB);
    for id in 1..=10 {
        drop(deliver(&app, alice.call(id, "chatter", &arguments)).await);
    }
    assert!(is_served(&app, "alice").await && has_room(&app, "bob", 200 * KIB).await);
}

#[tokio::test]
async fn announcements_for_clients_that_reconnect_leave_room_for_others() {
    let (http, ..) = depot(|limits| limits.memory.buffered_bytes = 512 * KIB);
    let changes = http.changes();
    let app = http.router();
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    let uri = format!("shelves://{}", "x".repeat(2000));
    let subscribed = alice.send(alice.request(1, "resources/subscribe", &format!(r#""uri":"{uri}""#))).await;
    assert!(subscribed.starts_with("200 "), "{subscribed}");
    let mut stream = alice.open(alice.get("")).await;
    let mut ids = Vec::new();
    for _ in 0..200 {
        changes.resource_updated(&uri);
        ids.push(stream.identified().await.0);
    }
    drop(stream);
    assert!(!has_room(&app, "alice", 200 * KIB).await, "they take her share");
    assert!(has_room(&app, "bob", 100 * KIB).await);
    // The newest are kept.
    let mut stream = alice.open(unchecked(alice.get(&ids[197]))).await;
    assert!(stream.any_message().await.contains(&uri));
    drop(stream);
    assert_eq!(alice.send(alice.delete()).await, "204 No Content\n\n");
    assert!(has_room(&app, "alice", 200 * KIB).await, "they came back");
}
