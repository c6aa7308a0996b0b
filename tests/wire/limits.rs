//! Every limit: its default, its setting, and what happens beyond it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use mcp::{Http, Stdio};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::client::{
    Boasting, Endless, Never, Pieces, message, modern_message, post, rejected, send, unchecked,
};
use crate::support::log::Log;
use crate::support::servers::{Notes, Verifier, Workshop, limits};
use crate::support::socket::{Served, WORKSHOP, exchange, raw, raw_answer, read_response};
use crate::support::stdio::{Client, answers, cancel, wait};

const MIB: usize = 1024 * 1024;

/// A ping of exactly so many bytes.
fn ping(bytes: usize) -> String {
    let ping = message("ping", "");
    " ".repeat(bytes - ping.len()) + &ping
}

/// A ping that is nested so deep.
fn nested(levels: usize) -> String {
    message("ping", &format!(r#""a":{}{}"#, "[".repeat(levels - 2), "]".repeat(levels - 2)))
}

async fn starts(app: &Router, body: impl Into<Body>) -> String {
    send(app, unchecked(post(&[], body))).await.chars().take(3).collect()
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let open = || Http::open(Workshop::new().0);
    for (app, limit) in
        [(open().router(), 4 * MIB), (open().limits(limits(|limits| limits.request.body_bytes = 100)).router(), 100)]
    {
        assert_eq!(starts(&app, ping(limit)).await, "200");
        let too_large = rejected("413 Payload Too Large", -32600, &format!("The body is larger than {limit} bytes"));
        assert_eq!(send(&app, post(&[], ping(limit + 1))).await, too_large);
        // It counts what arrives, whatever was announced, and announced is enough.
        let pieces: Vec<_> =
            (0..=limit / 50).map(|_| Ok("                                                  ")).collect();
        assert_eq!(send(&app, post(&[], Body::new(Pieces(pieces)))).await, too_large);
    }
    let unlimited = open().limits(limits(|limits| limits.request.body_bytes = usize::MAX)).router();
    assert_eq!(starts(&unlimited, ping(5 * MIB)).await, "200");
    // Over a socket, in both ways.
    let served = Served::start(|listener, stop| {
        open().limits(limits(|limits| limits.request.body_bytes = 100)).serve_until(listener, stop)
    })
    .await;
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for rest in [
        "Content-Length: 101\r\n\r\n".to_owned(),
        format!("Transfer-Encoding: chunked\r\n\r\n65\r\n{}\r\n", " ".repeat(0x65)),
    ] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all((head.to_owned() + &rest).as_bytes()).await.unwrap();
        let response = read_response(&mut stream).await;
        assert!(response.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{rest}: {response}");
    }
    served.stop().await;
}

/// Memory is taken for what arrives.
#[tokio::test]
async fn what_a_body_announces_is_not_taken_for_granted() {
    let unlimited =
        Http::open(Workshop::new().0).limits(limits(|limits| limits.request.body_bytes = usize::MAX)).router();
    let ping: &'static str = message("ping", "").leak();
    let (first, second) = ping.split_at(10);
    let body = Body::new(Boasting(Pieces(vec![Ok(first), Ok(second)])));
    assert_eq!(starts(&unlimited, body).await, "200");
}

#[tokio::test(start_paused = true)]
async fn of_a_refused_body_so_much_is_read() {
    let bytes: usize = 64 * 1024;
    let app = || Http::protected(Notes::default(), Verifier);
    for (app, token, status, expected) in [
        // Whoever it is.
        (app(), "Bearer wrong-token", "401", bytes),
        (app(), "Bearer narrow-token", "403", bytes),
        (app(), "", "401", bytes),
        (app().limits(limits(|limits| limits.request.body_bytes = 1000)), "", "401", bytes),
        // Who was let in may send more, in proportion to what is accepted.
        (app().limits(limits(|limits| limits.request.body_bytes = 1000)), "Bearer alice-token", "415", bytes),
        (app().limits(limits(|limits| limits.request.body_bytes = 10_000)), "Bearer alice-token", "415", 160_000),
    ] {
        let read = Arc::new(AtomicUsize::new(0));
        let headers = [("authorization", token), ("content-type", "")];
        let request = post(&headers, Body::new(Endless(Arc::clone(&read))));
        assert!(send(&app.router(), unchecked(request)).await.starts_with(status));
        // The clock moves when nothing is left to be done.
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(read.load(Ordering::Relaxed), expected.next_multiple_of(Endless::PIECE), "{status}");
    }
}

#[tokio::test]
async fn json_has_a_largest_depth() {
    let open = || Http::open(Workshop::new().0);
    for (app, limit) in [
        (open().router(), 128),
        (open().limits(limits(|limits| limits.request.json_depth = 8)).router(), 8),
        (open().limits(limits(|limits| limits.request.json_depth = 100_000)).router(), 100_000),
    ] {
        assert_eq!(starts(&app, nested(limit)).await, "200", "{limit}");
        let too_deep = format!("Parse error: the body is nested deeper than {limit} levels");
        for body in [nested(limit + 1), "[".repeat(limit + 1), "{\"a\":".repeat(limit + 1)] {
            assert_eq!(send(&app, unchecked(post(&[], body))).await, rejected("400 Bad Request", -32700, &too_deep));
        }
        let in_a_string = message("ping", &format!(r#""a":"{}\"{}""#, "[".repeat(limit), "{".repeat(limit)));
        assert_eq!(starts(&app, in_a_string).await, "200");
    }
}

/// `serde_json` would read the text as the value, with a nesting that no limit has seen.
#[tokio::test]
async fn a_text_is_not_taken_for_the_value_that_it_describes() {
    let app = Workshop::app();
    let refused = rejected("400 Bad Request", -32700, "Parse error: no text may begin with `$serde_json::private::`");
    for name in ["$serde_json::private::RawValue", r"\u0024serde_json::private::RawValue"] {
        let text = format!(r#"{}{{"{name}":"{{}}""#, "[".repeat(100));
        let value = format!(r#"{{"{name}":{}}}"#, serde_json::Value::from(text));
        for params in [
            format!(r#""_meta":{{"io.modelcontextprotocol/clientCapabilities":{{"extensions":{{"x":{value}}}}}}}"#),
            format!(r#""name":"count","arguments":{{"value":{value}}}"#),
        ] {
            let body = message("tools/call", &params);
            assert_eq!(send(&app, unchecked(post(&[], body))).await, refused);
        }
    }
    assert_eq!(starts(&app, message("ping", "")).await, "200");
}

/// They are repeated in every message about the request, so that a long one would become a thousand of them.
#[tokio::test]
async fn what_messages_repeat_has_a_largest_length() {
    let app = Workshop::app();
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let ping = |id: &str| message("ping", "").replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1);
    assert_eq!(starts(&app, ping(&text(1024))).await, "200");
    let too_long = rejected("400 Bad Request", -32600, "Invalid request: `id` is longer than 1024 bytes");
    for id in [text(1025), "1".repeat(1025), text(MIB)] {
        assert_eq!(send(&app, unchecked(post(&[], ping(&id)))).await, too_long);
    }
    let call = |token: &str| {
        message("tools/call", &format!(r#""name":"count","arguments":{{}},"_meta":{{"progressToken":{token}}}"#))
    };
    assert!(send(&app, post(&[], call(&text(1024)))).await.contains("result"));
    for token in [text(1025), "1".repeat(1025), text(MIB)] {
        let answer = send(&app, unchecked(post(&[], call(&token)))).await;
        let expected = "Invalid params: `_meta.progressToken` is longer than 1024 bytes";
        assert!(answer.contains(expected) && answer.len() < 1000, "{}", answer.len());
    }
    let mut client = Client::of(Stdio::new(Workshop::new().0));
    client.write_unchecked(&ping(&text(1025))).await;
    let expected =
        r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: `id` is longer than 1024 bytes"}}"#;
    assert_eq!(client.read().await.unwrap(), expected);
}

/// Parsed, they would take sixteen times as much memory.
#[tokio::test]
async fn extensions_of_a_client_have_a_largest_length() {
    let app = Workshop::app();
    let extensions = |bytes: usize| format!(r#"{{"com.example/x":[{}0]}}"#, "0,".repeat((bytes - 21) / 2));
    assert_eq!(extensions(16 * 1024 - 1).len(), 16 * 1024 - 1);
    let call = |extensions: &str| {
        let meta = format!(
            r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{"extensions":{extensions}}}"#
        );
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "count")];
        let body = message("tools/call", &format!(r#""name":"count","arguments":{{}},"_meta":{{{meta}}}"#));
        unchecked(post(&headers, body))
    };
    assert!(send(&app, call(&extensions(16 * 1024 - 1))).await.starts_with("200 "));
    let too_long = "`extensions` is longer than 16384 bytes";
    for bytes in [16 * 1024 + 1, 3 * MIB + 1] {
        let answer = send(&app, call(&extensions(bytes))).await;
        assert!(answer.starts_with("400 ") && answer.contains(too_long) && answer.len() < 1000, "{answer:.1000}");
    }
    let handshake = |extensions: &str| {
        let client = r#""protocolVersion":"2025-11-25","clientInfo":{"name":"a","version":"1"}"#;
        message("initialize", &format!(r#"{client},"capabilities":{{"extensions":{extensions}}}"#))
    };
    let answer = send(&app, unchecked(post(&[], handshake(&extensions(MIB + 1))))).await;
    assert!(answer.contains(too_long), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_has_a_longest_time() {
    let open = || Http::open(Workshop::new().0);
    for (app, seconds) in [
        (open().router(), 30),
        (open().limits(limits(|limits| limits.request.body_timeout = Duration::from_secs(2))).router(), 2),
    ] {
        let start = tokio::time::Instant::now();
        // Nobody knows what would come next.
        let expected = rejected("408 Request Timeout", -32600, "The body did not arrive in time");
        let expected = expected.replacen('\n', "\nconnection: close\n", 1);
        assert_eq!(send(&app, post(&[], Body::new(Never))).await, expected);
        // The clock only moves when everything waits.
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
    let unlimited = open().limits(limits(|limits| limits.request.body_timeout = Duration::MAX)).router();
    assert_eq!(starts(&unlimited, ping(100)).await, "200");
}

#[tokio::test]
async fn no_time_of_a_connection_is_too_long() {
    let served = Served::start(|listener, stop| {
        Http::open(Workshop::new().0)
            .limits(limits(|limits| {
                limits.request.header_timeout = Duration::MAX;
                limits.request.shutdown_timeout = Duration::MAX;
                limits.connections.idle_timeout = Duration::MAX;
                limits.connections.write_timeout = Duration::MAX;
                limits.connections.shutdown_delay = Duration::MAX;
            }))
            .serve_until(listener, stop)
    })
    .await;
    let answer = exchange(served.address, raw("", "count", "Connection: close\r\n").as_bytes()).await;
    assert_eq!(answer, raw_answer("1", WORKSHOP, "connection: close\r\n"));
    served.stop().await;
}

#[tokio::test]
async fn a_line_has_a_largest_size_and_depth() {
    let stdio = || Stdio::new(Workshop::new().0);
    for (stdio, bytes, levels) in [
        (stdio(), 4 * MIB, 128),
        (
            stdio().limits(limits(|limits| {
                limits.request.body_bytes = 1000;
                limits.request.json_depth = 8;
            })),
            1000,
            8,
        ),
        (
            stdio().limits(limits(|limits| {
                limits.request.body_bytes = usize::MAX;
                limits.request.json_depth = usize::MAX;
            })),
            usize::MAX,
            usize::MAX,
        ),
    ] {
        let mut lines = vec![];
        let mut expected = vec![];
        let fits = if bytes == usize::MAX { 5 * MIB } else { bytes };
        for (id, line) in [(1, ping(fits)), (2, nested(levels.min(128)).replace(r#""id":1"#, r#""id":2"#))] {
            lines.push(line);
            expected.push(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
        }
        if bytes < usize::MAX {
            lines.extend([ping(bytes + 1), nested(levels + 1)]);
            expected.push(format!(r#"{{"jsonrpc":"2.0","error":{{"code":-32600,"message":"Invalid request: the message is longer than {bytes} bytes"}}}}"#));
            expected.push(format!(r#"{{"jsonrpc":"2.0","error":{{"code":-32700,"message":"Parse error: the body is nested deeper than {levels} levels"}}}}"#));
        }
        expected.sort();
        assert_eq!(answers(stdio, &lines).await, expected);
    }
}

#[tokio::test]
async fn a_pipe_has_a_largest_number_of_requests_at_once() {
    let defaults: fn(Stdio<Workshop>) -> Stdio<Workshop> = |stdio| stdio;
    for (set, limit) in [
        (defaults, 256),
        (|stdio| stdio.limits(limits(|limits| limits.request.concurrent = 2)), 2),
        (|stdio| stdio.limits(limits(|limits| limits.request.concurrent = 1)), 1),
    ] {
        let (workshop, mut observer) = Workshop::new();
        let mut client = Client::of(set(Stdio::new(workshop)));
        for id in 1..=limit {
            client.write(&wait(&id.to_string())).await;
            assert_eq!(observer.events.recv().await, Some("started"));
        }
        let refused = format!(
            r#"{{"jsonrpc":"2.0","id":"x","error":{{"code":-32603,"message":"More than {limit} requests at once; try again"}}}}"#
        );
        let pong = r#"{"jsonrpc":"2.0","id":"x","result":{}}"#;
        let call = modern_message("tools/call", r#""name":"count""#);
        let [ping, call] = [message("ping", ""), call].map(|line| line.replace(r#""id":1"#, r#""id":"x""#));
        for line in [&call, &ping, &wait("\"x\"")] {
            client.write(line).await;
            assert_eq!(client.read().await.unwrap(), refused, "{line}");
        }
        // One that is cancelled makes room, for one after the other.
        client.write(&cancel("1")).await;
        assert_eq!(observer.events.recv().await, Some("dropped"));
        for _ in 0..3 {
            client.write(&ping).await;
            assert_eq!(client.read().await.unwrap(), pong);
        }
        // Those that were refused never ran.
        client.write(&call).await;
        let answer = client.read().await.unwrap();
        assert!(answer.contains(r#""content":[{"type":"text","text":"1"}]"#), "{answer}");
        client.write(&wait("1")).await;
        assert_eq!(observer.events.recv().await, Some("started"));
        client.write(&ping).await;
        assert_eq!(client.read().await.unwrap(), refused);
        // So does one that is done.
        observer.release.notify_one();
        let answer = client.read().await.unwrap();
        assert!(answer.contains(r#""content":[{"type":"text","text":"released"}]"#), "{answer}");
        client.write(&ping).await;
        assert_eq!(client.read().await.unwrap(), pong);
        observer.release.notify_waiters();
        assert_eq!(client.finish().await.len(), limit - 1);
    }
    let none = Stdio::new(Workshop::new().0).limits(limits(|limits| limits.request.concurrent = 0));
    assert_eq!(
        answers(none, &[message("ping", "")]).await,
        [r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"More than 0 requests at once; try again"}}"#]
    );
}

#[tokio::test(start_paused = true)]
async fn requests_have_a_longest_time_after_the_end_of_the_input() {
    let defaults: fn(Stdio<Workshop>) -> Stdio<Workshop> = |stdio| stdio;
    for (set, seconds) in [
        (defaults, 30),
        (|stdio| stdio.limits(limits(|limits| limits.request.shutdown_timeout = Duration::from_secs(2))), 2),
        (|stdio| stdio.limits(limits(|limits| limits.request.shutdown_timeout = Duration::ZERO)), 0),
    ] {
        let log = Log::start();
        let (workshop, mut observer) = Workshop::new();
        let mut client = Client::of(set(Stdio::new(workshop)));
        client.write(&wait("1")).await;
        assert_eq!(observer.events.recv().await, Some("started"));
        let start = tokio::time::Instant::now();
        assert_eq!(client.finish().await, [""; 0]);
        // The clock only moves when everything waits.
        assert_eq!(start.elapsed().as_secs(), seconds);
        assert_eq!(observer.events.recv().await, Some("dropped"));
        assert!(log.text().contains("`limits.request.shutdown_timeout` gives them longer"), "{}", log.text());
    }
    let log = Log::start();
    let (workshop, mut observer) = Workshop::new();
    let mut client =
        Client::of(Stdio::new(workshop).limits(limits(|limits| limits.request.shutdown_timeout = Duration::MAX)));
    client.write(&wait("1")).await;
    assert_eq!(observer.events.recv().await, Some("started"));
    observer.release.notify_one();
    assert_eq!(client.finish().await.len(), 1);
    assert!(!log.text().contains("shutdown_timeout"), "{}", log.text());
}
