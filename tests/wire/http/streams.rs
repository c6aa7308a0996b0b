//! Streams of server-sent events, one message at a time.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use mcp::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::{message, modern_message, post, send};
use crate::support::session::{Room, room, tokens};
use crate::support::socket::{Served, read_to_end};
use crate::support::stream::Stream;

fn progress(done: u32) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":"p","progress":{done}.0}}}}"#
    )
}

/// A call of protocol 2026-07-28 with the progress token `p`.
fn talk(tool: &str, arguments: &str) -> Request<Body> {
    let meta = r#""_meta":{"progressToken":"p","#;
    let params = format!(r#""name":"{tool}","arguments":{arguments}"#);
    let body = modern_message("tools/call", &params).replacen(r#""_meta":{"#, meta, 1);
    let headers = [
        ("authorization", "Bearer alice-2-token"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", tool),
    ];
    post(&headers, body)
}

#[tokio::test]
async fn a_handler_that_says_something_first_makes_a_stream() {
    let (app, _, mut observer) = room();
    for (tool, text) in [("hello", "hello"), ("pause", "went on")] {
        // What is no stream can't be paused either.
        observer.release.notify_one();
        let answer = send(&app, talk(tool, "{}")).await;
        assert!(answer.starts_with("200 OK\ncontent-type: application/json\n") && answer.contains(text), "{answer}");
    }
    while observer.events.try_recv().is_ok() {}
    let mut stream = Stream::open(&app, talk("wait", r#"{"say":2}"#)).await;
    assert_eq!(stream.message().await, progress(1));
    assert_eq!(stream.message().await, progress(2));
    assert_eq!(observer.events.recv().await, Some("waiting"));
    observer.release.notify_one();
    assert_eq!(stream.message().await, progress(1_000_000));
    let last = stream.message().await;
    assert!(
        last.starts_with(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"released"}]"#),
        "{last}"
    );
    assert_eq!(stream.next().await, None);
    // An error, or a panic, is the last word, too.
    let mut stream = Stream::open(&app, talk("stumble", "{}")).await;
    assert_eq!(stream.message().await, progress(1));
    let expected = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"The tool panicked"}}"#;
    assert_eq!(stream.message().await, expected);
    assert_eq!(stream.next().await, None);
    // What the caller may not do is not begun.
    let mut narrow = talk("write", "{}");
    narrow.headers_mut().insert("authorization", "Bearer alice-token".parse().unwrap());
    assert!(send(&app, narrow).await.starts_with("403 "));
}

#[tokio::test]
async fn closing_the_stream_cancels_the_handler() {
    let (app, _, mut observer) = room();
    let mut stream = Stream::open(&app, talk("wait", r#"{"say":1}"#)).await;
    stream.message().await;
    assert_eq!(observer.events.recv().await, Some("waiting"));
    drop(stream);
    assert_eq!(observer.events.recv().await, Some("dropped"));
    // A client of an older version without a session has nothing to come back to.
    let stateless = talk("wait", r#"{"say":1}"#);
    let (mut parts, _) = stateless.into_parts();
    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        parts.headers.remove(name);
    }
    let params = r#""name":"wait","arguments":{"say":1},"_meta":{"progressToken":"p"}"#;
    let mut stream = Stream::open(&app, Request::from_parts(parts, Body::from(message("tools/call", params)))).await;
    assert_eq!(stream.message().await, progress(1));
    drop(stream);
    assert_eq!(observer.events.recv().await, Some("waiting"));
    assert_eq!(observer.events.recv().await, Some("dropped"));
}

#[tokio::test]
async fn a_slow_reader_slows_the_handler_down() {
    let (app, _, mut observer) = room();
    let mut stream = Stream::open(&app, talk("count", "{}")).await;
    assert_eq!(observer.events.recv().await, Some("1"));
    assert!(send(&app, talk("hello", "{}")).await.contains("hello"));
    assert!(observer.events.try_recv().is_err(), "nobody has read that");
    for done in 1..=20 {
        assert_eq!(stream.message().await, progress(done));
    }
    assert!(stream.message().await.contains("counted"));
}

#[tokio::test(start_paused = true)]
async fn an_answering_stream_ends_with_its_token() {
    let (app, _, mut observer) = room();
    let mut request = talk("wait", r#"{"say":1}"#);
    request.headers_mut().insert("authorization", "Bearer alice-short-token".parse().unwrap());
    let mut stream = Stream::open(&app, request).await;
    stream.message().await;
    assert_eq!(observer.events.recv().await, Some("waiting"));
    tokio::time::advance(Duration::from_secs(41)).await;
    observer.release.notify_one();
    assert_eq!(stream.next().await, None, "neither the rest nor the answer");
    assert_eq!(observer.events.recv().await, Some("dropped"));
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams_first() {
    let (room, mut observer) = Room::new();
    let served = Served::start(|listener, stop| Http::protected(room, tokens()).serve_until(listener, stop)).await;
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer alice-token\r\nContent-Type: application/json\r\n";
    let send = async |headers: &str, body: &str| {
        let mut stream = TcpStream::connect(served.address).await.expect("a connection");
        let request = format!("{head}{headers}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.expect("a request");
        stream
    };
    let modern = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n";
    let body = modern_message("subscriptions/listen", r#""notifications":{"toolsListChanged":true}"#);
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = send(modern, &body).await;
        read_until(&mut stream, "acknowledged").await;
        streams.push(stream);
    }
    let call = modern_message("tools/call", r#""name":"wait","arguments":{}"#);
    let modern = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: wait\r\n";
    let mut call = send(modern, &call).await;
    assert_eq!(observer.events.recv().await, Some("waiting"));
    let stopped = tokio::spawn(served.stop());
    for mut stream in streams {
        let rest = read_to_end(&mut stream).await;
        assert!(rest.contains(r#""result":{"resultType":"complete""#), "{rest}");
    }
    assert!(observer.events.try_recv().is_err(), "what has an end of its own is waited for");
    observer.release.notify_one();
    assert!(read_to_end(&mut call).await.contains("released"));
    stopped.await.expect("the server stops");
}

async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        read.push(stream.read_u8().await.expect("the rest"));
    }
}
