//! The bytes that are buffered for clients: bodies, responses, and messages for a client that reconnects.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::{Frame, SizeHint};

use super::{app, depot, is_served, refused};
use crate::support::client::{call, deliver, message, post, send, unchecked};
use crate::support::clock::pass;
use crate::support::ends::Hook;
use crate::support::session::Client;
use crate::support::stream::Stream;

const KIB: usize = 1024;

/// A body that announces its length, and never sends the last byte.
struct Unfinished {
    announced: usize,
    left: usize,
}

impl http_body::Body for Unfinished {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.left.min(16 * KIB);
        if piece == 0 {
            return Poll::Pending;
        }
        self.left -= piece;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; piece])))))
    }

    fn size_hint(&self) -> SizeHint {
        // The client of the tests waits for a body of a known length.
        let mut hint = SizeHint::new();
        hint.set_upper(self.announced as u64);
        hint
    }
}

fn unfinished(token: &str, announced: usize, sent: usize) -> Request<Body> {
    let bearer = format!("Bearer {token}");
    let body = Body::new(Unfinished { announced, left: sent });
    unchecked(post(&[("authorization", &bearer)], body))
}

/// A call with so long an argument.
fn long_call(token: &str, bytes: usize) -> Request<Body> {
    call(token, "measure", &format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes)))
}

#[tokio::test]
async fn unfinished_bodies_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * KIB);
    // What is announced takes no room.
    let boasts: Vec<_> =
        (0..20).map(|_| tokio::spawn(send_owned(&app, unfinished("alice", 4096 * KIB, 50 * KIB)))).collect();
    let body = tokio::spawn(send_owned(&app, unfinished("alice", 300 * KIB + 1, 300 * KIB)));
    while send(&app, long_call("alice", 200 * KIB)).await.starts_with("200 ") {
        tokio::task::yield_now().await;
    }
    assert_eq!(send(&app, long_call("alice", 200 * KIB)).await, refused("", "buffered bytes"));
    assert_eq!(send(&app, long_call("alice-2", 200 * KIB)).await, refused("", "buffered bytes"));
    assert!(is_served(&app, "alice").await, "a short request takes none");
    assert!(send(&app, long_call("bob", 200 * KIB)).await.starts_with("200 "));
    body.abort();
    assert!(body.await.is_err_and(|error| error.is_cancelled()));
    assert!(send(&app, long_call("alice", 200 * KIB)).await.starts_with("200 "), "it came back");
    boasts.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn send_in(app: axum::Router, request: Request<Body>) -> String {
    send(&app, request).await
}

fn send_owned(app: &axum::Router, request: Request<Body>) -> impl Future<Output = String> + use<> {
    send_in(app.clone(), request)
}

#[tokio::test]
async fn unread_responses_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * KIB);
    let long = |token, length: usize| call(token, "long", &format!(r#"{{"bytes":{}}}"#, length * KIB));
    let unread = deliver(&app, long("alice", 300)).await;
    assert_eq!(unread.status(), 200);
    for _ in 0..2 {
        assert_eq!(send(&app, long("alice", 200)).await, refused("1", "buffered bytes"));
        assert!(send(&app, long("bob", 200)).await.starts_with("200 "));
    }
    assert!(is_served(&app, "alice").await);
    drop(unread);
    assert!(send(&app, long("alice", 200)).await.starts_with("200 "), "it came back");
}

#[tokio::test]
async fn unread_messages_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * KIB);
    let chatter = |token| {
        let arguments = format!(r#""arguments":{{"times":10,"bytes":{}}}"#, 90 * KIB);
        let meta = r#""progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}"#;
        let body = message("tools/call", &format!(r#""name":"chatter",{arguments},"_meta":{{{meta}}}"#));
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", &*bearer),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "chatter"),
        ];
        post(&headers, body)
    };
    let unread = deliver(&app, chatter("alice")).await;
    assert_eq!(unread.status(), 200);
    assert_eq!(send(&app, long_call("alice", 200 * KIB)).await, refused("", "buffered bytes"));
    assert!(is_served(&app, "alice").await);
    assert!(send(&app, long_call("bob", 200 * KIB)).await.starts_with("200 "));
    // What is beyond its share was dropped, and its end is there.
    let mut stream = Stream::of(unread);
    let mut messages = Vec::new();
    while let Some(event) = stream.next().await {
        messages.push(event);
    }
    let progress = messages.iter().filter(|event| event.contains("notifications/progress")).count();
    assert!((1..6).contains(&progress), "{progress}");
    assert!(messages.last().is_some_and(|event| event.contains(r#""text":"done""#)));
    drop(messages);
    assert!(send(&app, long_call("alice", 200 * KIB)).await.starts_with("200 "), "it came back");
}

#[tokio::test]
async fn messages_for_clients_that_are_gone_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * KIB);
    let arguments = format!(r#"{{"bytes":{}}}"#, 100 * KIB);
    let client = Client::connect(&app, "2025-11-25", "alice").await;
    // Each becomes a stream, which is kept for the client.
    let mut finished = 0;
    let last = loop {
        let mut stream = client.open(client.call(finished, "long", &arguments)).await;
        let mut last = String::new();
        while let Some(event) = stream.next().await {
            last = event;
        }
        if last.contains("error") {
            break last;
        }
        finished += 1;
    };
    assert!(last.contains("There are too many buffered bytes; try again later"), "{last}");
    assert_eq!(finished, 4, "half of what there is");
    assert!(client.is_alive().await && is_served(&app, "alice").await);
    let bob = Client::connect(&app, "2025-11-25", "bob").await;
    let mut stream = bob.open(bob.call(1, "long", &arguments)).await;
    while stream.next().await.is_some_and(|event| !event.contains("xxx")) {}
    pass(Duration::from_secs(61)).await;
    while !send(&app, long_call("alice", 200 * KIB)).await.starts_with("200 ") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_answer_gets_through_when_everything_is_used_up() {
    let app = app(|limits| {
        limits.memory.buffered_bytes = 4096 * KIB;
        limits.session.requests = 2;
    });
    let client = Client::connect(&app, "2025-11-25", "alice").await;
    let mut stream = client.open(client.call(1, "folders", "{}")).await;
    let question: serde_json::Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
    let body = tokio::spawn(send_owned(&app, unfinished("alice", 1700 * KIB, 1600 * KIB)));
    while send(&app, long_call("alice", 200 * KIB)).await.starts_with("200 ") {
        tokio::task::yield_now().await;
    }
    let full = client.send(client.call(2, "measure", r#"{"text":"abc"}"#)).await;
    assert_eq!(full, refused("2", "requests in sessions"));
    assert!(client.is_alive().await, "a ping needs no place");
    let uri = format!("file:///{}", "x".repeat(200 * KIB - 8));
    let answer = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"roots":[{{"uri":"{uri}"}}]}}}}"#, question["id"]);
    assert_eq!(client.send(unchecked(client.post(answer))).await, "202 Accepted\n\n");
    assert!(stream.any_message().await.contains(&format!(r#""text":"{}""#, 200 * KIB)));
    assert_eq!(client.send(client.delete()).await, "204 No Content\n\n");
    body.abort();
}

/// Each message of a batch is served, and the answers are too long together.
#[tokio::test]
async fn a_batch_without_room_for_its_answers_is_recorded_as_refused() {
    let (hook, mut ends) = Hook::new();
    let (http, ..) = depot(|limits| limits.memory.buffered_bytes = 64 * KIB);
    let app = http.audit(hook).router();
    let long = |id: u8| {
        let call = message("tools/call", &format!(r#""name":"long","arguments":{{"bytes":{}}}"#, 60 * KIB));
        call.replacen(":1,", &format!(":{id},"), 1)
    };
    let batch = post(&[("authorization", "Bearer alice")], format!("[{},{}]", long(1), long(2)));
    assert_eq!(send(&app, batch).await, refused("", "buffered bytes"));
    let line = "refused 503 tools/call tool=long item=long subject=alice client=app";
    assert_eq!(ends.all(), [line, line]);
}
