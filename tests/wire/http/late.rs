//! Handlers that are silent for long, whose clients get a stream before the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use mcp::testing::TestClient;
use mcp::{Error, Http, ToolResult};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::support::client::{LEGACY, call, legacy, message, post, send, unchecked};
use crate::support::servers::{WORKSHOP_TAIL, Workshop, limits};
use crate::support::session::{Client, Room, tokens};
use crate::support::socket::{Served, raw};
use crate::support::stream::Stream;

const SECOND: Duration = Duration::from_secs(1);

const COMMENT: &str = ":\n\n";

fn result(text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

/// A silent call in each way that needs no session, and the answer to it.
fn calls() -> Vec<(Request<Body>, String)> {
    let modern = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"released"}}],{WORKSHOP_TAIL}}}}}"#
    );
    let legacy = LEGACY
        .map(|version| (legacy(version, "", "tools/call", r#""name":"wait","arguments":{}"#), result("released")));
    let batch = format!("[{}]", message("tools/call", r#""name":"wait","arguments":{}"#));
    let batch = (unchecked(post(&[], batch)), format!("[{}]", result("released")));
    [(call("", "wait", "{}"), modern), batch].into_iter().chain(legacy).collect()
}

#[tokio::test(start_paused = true)]
async fn a_silent_handler_makes_a_stream_after_a_while() {
    let defaults: fn(Http<Workshop, _>) -> Http<Workshop, _> = |http| http;
    for (set, silence, pause) in [
        (defaults, SECOND, Duration::from_secs(15)),
        (
            |http| {
                http.limits(limits(|limits| {
                    limits.request.stream_after = 5 * SECOND;
                    limits.streams.keep_alive = 7 * SECOND;
                }))
            },
            5 * SECOND,
            7 * SECOND,
        ),
    ] {
        for (request, answer) in calls() {
            let (workshop, observer) = Workshop::new();
            let app = set(Http::open(workshop)).router();
            let start = Instant::now();
            let mut stream = Stream::open(&app, request).await;
            assert_eq!(start.elapsed().as_millis(), silence.as_millis());
            assert_eq!(stream.next().await.as_deref(), Some(COMMENT));
            assert_eq!(start.elapsed().as_millis(), silence.as_millis(), "at once");
            for comments in 1..=5 {
                assert_eq!(stream.next().await.as_deref(), Some(COMMENT));
                assert_eq!(start.elapsed().as_millis(), (silence + comments * pause).as_millis());
            }
            observer.release.notify_one();
            assert_eq!(stream.message().await, answer);
            assert_eq!(stream.next().await, None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_opened_at_once_or_never() {
    for (request, answer) in calls() {
        let (workshop, observer) = Workshop::new();
        let app = Http::open(workshop).limits(limits(|limits| limits.request.stream_after = Duration::ZERO)).router();
        let start = Instant::now();
        // A handler that answers at once still has no need of one.
        let count = send(&app, call("", "count", "{}")).await;
        assert!(count.starts_with("200 OK\ncontent-type: application/json\n"), "{count}");
        let mut stream = Stream::open(&app, request).await;
        assert_eq!(stream.next().await.as_deref(), Some(COMMENT));
        assert_eq!(start.elapsed(), Duration::ZERO);
        observer.release.notify_one();
        assert_eq!(stream.message().await, answer);
    }
    for (request, answer) in calls() {
        let (workshop, mut observer) = Workshop::new();
        let app = Http::open(workshop).limits(limits(|limits| limits.request.stream_after = Duration::MAX)).router();
        let sent = tokio::spawn(async move { send(&app, request).await });
        assert_eq!(observer.events.recv().await, Some("started"));
        tokio::time::sleep(1000 * SECOND).await;
        observer.release.notify_one();
        let expected = format!("200 OK\ncontent-type: application/json\n\n{answer}");
        assert_eq!(sent.await.expect("an answer"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_a_late_stream_cancels_its_handler() {
    for (request, _) in calls() {
        let (workshop, mut observer) = Workshop::new();
        let app = Http::open(workshop).router();
        let stream = Stream::open(&app, request).await;
        assert_eq!(observer.events.recv().await, Some("started"));
        assert!(observer.events.try_recv().is_err());
        drop(stream);
        assert_eq!(observer.events.recv().await, Some("dropped"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_stream_of_a_session_can_be_resumed() {
    for version in LEGACY {
        let (room, mut observer) = Room::new();
        let app = Http::protected(room, tokens()).router();
        let client = Client::connect(&app, version, "alice-token").await;
        let start = Instant::now();
        let mut stream = client.open(client.call(1, "wait", "{}")).await;
        assert_eq!(start.elapsed().as_millis(), 1000);
        let first = stream.next().await.expect("something");
        assert_eq!(start.elapsed().as_millis(), 1000, "at once");
        if version != "2025-11-25" {
            // Nothing to come back with, so far.
            assert_eq!(first, COMMENT);
            observer.release.notify_one();
            assert!(stream.identified().await.1.contains("notifications/progress"));
            let (id, message) = stream.identified().await;
            assert_eq!(message, result("released"));
            assert_eq!(stream.next().await, None);
            assert_eq!(client.open(unchecked(client.get(&id))).await.next().await, None);
            continue;
        }
        let id = first.strip_prefix("id: ").and_then(|event| event.strip_suffix("\nretry: 1000\ndata:\n\n"));
        let id = id.unwrap_or_else(|| panic!("{first:?} primes nothing"));
        assert_eq!(stream.next().await.as_deref(), Some(COMMENT));
        assert_eq!(start.elapsed().as_millis(), 16_000);
        drop(stream);
        assert_eq!(observer.events.recv().await, Some("waiting"));
        assert!(observer.events.try_recv().is_err(), "it goes on without its client");
        let mut stream = client.open(unchecked(client.get(id))).await;
        observer.release.notify_one();
        assert!(stream.identified().await.1.contains("notifications/progress"));
        assert_eq!(stream.identified().await.1, result("released"));
        assert_eq!(stream.next().await, None);
    }
}

struct Slow(Arc<Notify>);

#[mcp::server(name = "slow", version = "1")]
impl Slow {
    /// Think it over, and refuse.
    #[mcp::tool]
    async fn refuse(&self) -> Result<String, Error> {
        self.0.notified().await;
        Err(Error::new(7, "too many").data(&json!({"retry_after": 3})))
    }

    /// Take long for a greeting.
    #[mcp::tool]
    async fn greet(&self) -> &'static str {
        tokio::time::sleep(65 * SECOND).await;
        "hello"
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_the_last_event_of_a_late_stream() {
    let release = Arc::new(Notify::new());
    let app = Http::open(Slow(Arc::clone(&release))).router();
    for request in
        [call("", "refuse", "{}"), legacy("2025-06-18", "", "tools/call", r#""name":"refuse","arguments":{}"#)]
    {
        let mut stream = Stream::open(&app, request).await;
        assert_eq!(stream.next().await.as_deref(), Some(COMMENT));
        release.notify_one();
        let expected = r#"{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"too many","data":{"retry_after":3}}}"#;
        assert_eq!(stream.message().await, expected);
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_client_for_tests_reads_the_result_of_a_late_stream() {
    let client = TestClient::new(Http::open(Slow(Arc::default())));
    let response = client.call_tool("greet", json!({})).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    assert_eq!(response.result::<ToolResult>().unwrap().text(), "hello");
    assert_eq!(response.json()["id"], 1);
}

/// One piece at a time, so that a client behind a proxy gets the head and the comment before the answer.
#[tokio::test]
async fn a_late_stream_is_written_at_once() {
    let (workshop, observer) = Workshop::new();
    let http = Http::open(workshop).limits(limits(|limits| limits.request.stream_after = Duration::ZERO));
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(raw("", "wait", "Connection: close\r\n").as_bytes()).await.unwrap();
    let mut read = String::new();
    while !read.ends_with("\r\n3\r\n:\n\n\r\n") {
        read.push(stream.read_u8().await.expect("a comment").into());
    }
    assert!(read.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"), "{read}");
    observer.release.notify_one();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains(r#""text":"released""#) && rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
    served.stop().await;
}
