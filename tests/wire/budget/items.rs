//! Limits of numbers: streams, requests in sessions, live sessions, and calls that block a thread.

use std::net::SocketAddr;
use std::task::{Context, Waker};

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use mcp::{Http, Stdio};

use super::{app, depot, is_served, refused};
use crate::support::client::{call, deliver, modern_message, send};
use crate::support::servers::{Workshop, limits};
use crate::support::session::Client;
use crate::support::stdio;
use crate::support::stream::{Stream, listen};

fn as_caller(token: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    request
}

#[tokio::test]
async fn idle_streams_leave_room_for_others() {
    let app = app(|limits| limits.streams.open = 4);
    let stream = |token| as_caller(token, listen("7", ""));
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(Stream::open(&app, stream("alice")).await);
    }
    for token in ["alice", "alice-2"] {
        assert_eq!(send(&app, stream(token)).await, refused("7", "open streams"));
    }
    assert!(is_served(&app, "alice").await);
    streams.push(Stream::open(&app, stream("bob")).await);
    streams.remove(0);
    streams.push(Stream::open(&app, stream("alice")).await);
}

/// Guards may take any time, in which their streams count.
#[tokio::test]
async fn streams_count_before_they_are_decided() {
    let app = app(|limits| limits.streams.open = 4);
    let vault = |token| as_caller(token, listen("7", r#""resourceSubscriptions":["vaults://1"]"#));
    let mut undecided = Vec::new();
    for _ in 0..2 {
        let mut stream = Box::pin(send(&app, vault("alice")));
        assert!(stream.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        undecided.push(stream);
    }
    assert_eq!(send(&app, vault("alice")).await, refused("7", "open streams"));
    undecided.clear();
    Stream::open(&app, as_caller("alice", listen("7", ""))).await;
}

#[tokio::test]
async fn callers_of_an_open_server_have_accounts_by_their_addresses() {
    let open = || Http::open(Workshop::new().0).limits(limits(|limits| limits.streams.open = 4));
    let stream = |peer: &str| {
        let mut request = listen("7", "");
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().expect("an address")));
        request
    };
    let app = open().account_per_peer().router();
    let mut streams = Vec::new();
    for peer in ["[2001:db8::1]:1", "[2001:db8::2]:2"] {
        streams.push(Stream::open(&app, stream(peer)).await);
    }
    assert_eq!(send(&app, stream("[2001:db8::3]:3")).await, refused("7", "open streams"));
    streams.push(Stream::open(&app, stream("[2001:db8:0:1::1]:1")).await);
    // Without the setting, a proxy in front may have the one address.
    let app = open().router();
    for _ in 0..4 {
        streams.push(Stream::open(&app, stream("[2001:db8::1]:1")).await);
    }
    assert_eq!(send(&app, stream("192.0.2.7:1")).await, refused("7", "open streams"));
}

#[tokio::test]
async fn abandoned_requests_of_sessions_leave_room_for_others() {
    let app = app(|limits| limits.session.requests = 4);
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    for id in 1..=2 {
        drop(alice.open(alice.call(id, "folders", "{}")).await);
    }
    let measure = |client: &Client, id: u64| client.call(id, "measure", r#"{"text":"abc"}"#);
    assert_eq!(alice.send(measure(&alice, 3)).await, refused("3", "requests in sessions"));
    assert!(alice.is_alive().await && is_served(&app, "alice").await);
    let bob = Client::connect(&app, "2025-11-25", "bob").await;
    assert!(bob.send(measure(&bob, 1)).await.starts_with("200 "));
    assert_eq!(alice.send(alice.delete()).await, "204 No Content\n\n");
    let alice = Client::connect(&app, "2025-11-25", "alice").await;
    while !alice.send(measure(&alice, 1)).await.starts_with("200 ") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn live_sessions_leave_room_for_others() {
    let app = app(|limits| limits.session.live = 4);
    let set = async |client: &Client| {
        client.send(client.request(1, "logging/setLevel", r#""level":"debug""#)).await.starts_with("200 ")
    };
    let bob = Client::connect(&app, "2025-11-25", "bob").await;
    let _stream = bob.open(bob.get("")).await;
    // One that is idle makes room for another of the same account.
    let mut clients = Vec::new();
    for _ in 0..6 {
        let client = Client::connect(&app, "2025-11-25", "alice").await;
        assert!(set(&client).await);
        clients.push(client);
    }
    let mut streams = Vec::new();
    let last = loop {
        let Some(client) = clients.pop() else { panic!("nothing is refused") };
        let response = deliver(&app, client.get("")).await;
        match response.status().as_u16() {
            200 => streams.push(response),
            status => break status,
        }
    };
    assert_eq!((last, streams.len()), (503, 2), "a share of what there is");
    assert!(is_served(&app, "alice").await && set(&bob).await);
    drop(streams);
    assert!(set(&clients.remove(0)).await);
}

#[tokio::test]
async fn calls_that_block_leave_room_for_others() {
    let (http, gate, mut calls) = depot(|limits| limits.request.blocking = 4);
    let app = http.router();
    let block = |token: &'static str| {
        let app = app.clone();
        tokio::spawn(async move { send(&app, call(token, "block", "{}")).await })
    };
    let mut running = vec![block("alice"), block("alice")];
    for _ in 0..2 {
        calls.recv().await.expect("a call");
    }
    for token in ["alice", "alice-2"] {
        assert_eq!(block(token).await.expect("a response"), refused("1", "running calls of this kind"));
    }
    // A client that is gone leaves its thread, which goes on.
    running.remove(0).abort();
    assert_eq!(block("alice").await.expect("a response"), refused("1", "running calls of this kind"));
    assert!(is_served(&app, "alice").await);
    running.push(block("bob"));
    calls.recv().await.expect("a call");
    assert!(calls.try_recv().is_err(), "no refused call begins");
    gate.open();
    for call in running {
        assert!(call.await.expect("a response").contains(r#""text":"open""#));
    }
    while !block("alice").await.expect("a response").contains(r#""text":"open""#) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_that_block_have_a_limit_over_stdio() {
    let none = Stdio::new(Workshop::new().0).limits(limits(|limits| limits.request.blocking = 0));
    let answers = stdio::answers(none, &[modern_message("tools/call", r#""name":"panic_blocking""#)]).await;
    let expected = "There are too many running calls of this kind; try again later";
    assert_eq!(answers, [format!(r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":-32603,"message":"{expected}"}}}}"#)]);
}
