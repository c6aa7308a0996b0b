//! The attacks, each of which takes as much of one thing as it can.

use std::io::{self, Write as _};
use std::net::TcpStream;

use super::http::{Caller, Size, read};

/// An attack, which returns the connections that it holds at its end.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) run: fn(&Caller, Size) -> Vec<TcpStream>,
}

pub(super) const ATTACKS: &[Attack] = &[
    Attack { name: "results of tasks, 4 MB each", run: task_results },
    Attack { name: "URIs in listen, 1,000 of 4 KB", run: |caller, size| listen(caller, size.of(2000), 1000, 4096) },
    Attack { name: "URIs in listen, 128 of 2 KB", run: |caller, size| listen(caller, size.of(2000), 128, 2048) },
    Attack { name: "subscriptions of abandoned sessions", run: session_subscriptions },
    Attack { name: "abandoned session requests, 4 MB each", run: session_requests },
    Attack { name: "unfinished bodies, 4 MB each", run: unfinished_bodies },
    Attack { name: "unfinished heads, 400 KB each", run: unfinished_heads },
    Attack { name: "idle streams", run: |caller, size| listen(caller, size.of(10_000), 1, 20) },
    Attack { name: "running tasks", run: |caller, size| repeat(caller, size.of(2000), r#""name":"toil""#) },
    Attack { name: "abandoned blocking calls", run: blocking_calls },
    Attack { name: "clients that never read", run: unread_responses },
];

/// Repeats something until the server refuses connections, and collects the connections.
fn hold(count: usize, mut each: impl FnMut(usize) -> io::Result<TcpStream>) -> Vec<TcpStream> {
    let mut held = Vec::new();
    let mut failures = 0;
    for number in 0..count {
        match each(number) {
            Ok(stream) => held.push(stream),
            Err(_) => failures += 1,
        }
        if failures > 100 {
            break;
        }
    }
    held
}

/// Calls a tool over and over, on one connection, and reads each response.
fn repeat(caller: &Caller, count: usize, params: &str) -> Vec<TcpStream> {
    let mut stream = caller.connect();
    for _ in 0..count {
        let done = match &mut stream {
            Ok(stream) => caller.send(stream, "tools/call", params).and_then(|()| read(stream)).is_ok(),
            Err(_) => return Vec::new(),
        };
        if !done {
            stream = caller.connect();
        }
    }
    stream.into_iter().collect()
}

fn task_results(caller: &Caller, size: Size) -> Vec<TcpStream> {
    repeat(caller, size.of(1000), r#""name":"work","arguments":{"bytes":4000000}"#)
}

/// Opens streams for so many URIs each.
fn listen(caller: &Caller, streams: usize, uris: usize, bytes: usize) -> Vec<TcpStream> {
    let all: Vec<String> = (0..uris).map(|number| format!(r#""{}""#, uri(number, bytes))).collect();
    let params = format!(r#""notifications":{{"resourceSubscriptions":[{}]}}"#, all.join(","));
    hold(streams, |_| {
        let mut stream = caller.connect()?;
        caller.send(&mut stream, "subscriptions/listen", &params)?;
        Ok(stream)
    })
}

fn session_subscriptions(caller: &Caller, size: Size) -> Vec<TcpStream> {
    hold(size.of(400), |_| {
        let mut stream = caller.connect()?;
        let headers = caller.begin_session(&mut stream)?;
        for number in 0..128 {
            let params = format!(r#""uri":"{}""#, uri(number, 2048));
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{{{params}}}}}"#);
            caller.post(&mut stream, &headers, &body)?;
            if read(&mut stream)?.status != 200 {
                break;
            }
        }
        caller.connect()
    })
}

fn session_requests(caller: &Caller, size: Size) -> Vec<TcpStream> {
    let text = "x".repeat(4_000_000);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"wait","arguments":{{"text":"{text}"}}}}}}"#
    );
    hold(size.of(400), |_| {
        let mut stream = caller.connect()?;
        let headers = caller.begin_session(&mut stream)?;
        caller.post(&mut stream, &headers, &body)?;
        Ok(stream)
    })
}

fn unfinished_bodies(caller: &Caller, size: Size) -> Vec<TcpStream> {
    let piece = " ".repeat(4_000_000);
    hold(size.of(400), |_| {
        let mut stream = caller.connect()?;
        // Another piece would follow.
        caller.head(&mut stream, "Transfer-Encoding: chunked\r\n")?;
        write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
        Ok(stream)
    })
}

fn unfinished_heads(caller: &Caller, size: Size) -> Vec<TcpStream> {
    let line = format!("X-Filler: {}\r\n", "x".repeat(4000));
    hold(size.of(2000), |_| {
        let mut stream = caller.connect()?;
        stream.write_all(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n")?;
        // The server may refuse it earlier.
        let _ = (0..99).try_for_each(|_| stream.write_all(line.as_bytes()));
        Ok(stream)
    })
}

fn blocking_calls(caller: &Caller, size: Size) -> Vec<TcpStream> {
    hold(size.of(2000), |_| {
        let mut stream = caller.connect()?;
        caller.send(&mut stream, "tools/call", r#""name":"block""#)?;
        Ok(stream)
    })
}

fn unread_responses(caller: &Caller, size: Size) -> Vec<TcpStream> {
    hold(size.of(400), |_| {
        let mut stream = caller.connect()?;
        caller.send(&mut stream, "tools/call", r#""name":"long","arguments":{"bytes":4000000}"#)?;
        Ok(stream)
    })
}

/// Returns a URI of so many bytes.
fn uri(number: usize, bytes: usize) -> String {
    let start = format!("shelves://{number}-");
    let rest = "x".repeat(bytes.saturating_sub(start.len()));
    start + &rest
}
