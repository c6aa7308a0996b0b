//! Connections that are slow, idle, or too many.

use std::net::SocketAddr;
use std::time::Duration;

use mcp::{Http, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::support::client::modern_message;
use crate::support::log::Log;
use crate::support::servers::{Workshop, limits};
use crate::support::socket::{Served, WORKSHOP, exchange, raw, raw_answer, read_response, read_to_end};

/// A server with these limits, and without any time.
async fn served(change: fn(&mut Limits)) -> Served {
    Served::start(move |listener, stop| {
        Http::open(Workshop::new().0).limits(limits(change)).serve_until(listener, stop)
    })
    .await
}

async fn connected(served: &Served) -> TcpStream {
    TcpStream::connect(served.address).await.expect("a connection")
}

#[tokio::test]
async fn a_head_has_a_largest_size() {
    let head = |bytes: usize| {
        let request = raw("", "count", "Connection: close\r\n");
        let length = request.find("\r\n\r\n").expect("a head") + 4;
        request.replacen("Host: ", &format!("X: {}\r\nHost: ", "x".repeat(bytes - length - 5)), 1)
    };
    for (change, limit) in [
        ((|_| {}) as fn(&mut Limits), 64 * 1024),
        (|limits| limits.request.head_bytes = 10_000, 10_000),
        (|limits| limits.request.head_bytes = 0, 8 * 1024),
    ] {
        let served = served(change).await;
        let answer = raw_answer("1", WORKSHOP, "connection: close\r\n");
        assert_eq!(exchange(served.address, head(limit - 1).as_bytes()).await, answer, "{limit}");
        // What is not whole after so many bytes never will be.
        let mut stream = connected(&served).await;
        stream.write_all(&head(limit + 100).as_bytes()[..limit]).await.unwrap();
        let refused = read_to_end(&mut stream).await;
        assert!(refused.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{limit}: {refused}");
        served.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_and_an_idle_connection_have_a_longest_time() {
    for (change, head, idle) in [
        ((|_| {}) as fn(&mut Limits), 30, 75),
        (
            |limits| {
                limits.request.header_timeout = Duration::from_secs(2);
                limits.connections.idle_timeout = Duration::from_secs(5);
            },
            2,
            5,
        ),
        (|limits| limits.request.header_timeout = Duration::from_secs(200), 200, 75),
    ] {
        let served = served(change).await;
        let half = "POST /mcp HTTP/1.1\r\nHost: loc".to_owned();
        let whole = raw("", "count", "");
        for (bytes, seconds, expected) in [
            (String::new(), idle, 0),
            (half.clone(), head, 0),
            (whole.clone(), idle, 1),
            (whole.clone() + &whole, idle, 2),
            (whole + &half, head, 1),
        ] {
            let mut stream = connected(&served).await;
            let start = Instant::now();
            stream.write_all(bytes.as_bytes()).await.unwrap();
            // The clock only moves when everything waits.
            let answers = read_to_end(&mut stream).await;
            let waited = start.elapsed().as_secs();
            // The clock of a head that came with a request starts when the connection is looked at again.
            assert!((seconds..=seconds + 1).contains(&waited), "{waited} of {seconds} s: {bytes}");
            assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), expected, "{answers}");
        }
        // A connection that was idle for a while serves as before.
        let mut stream = connected(&served).await;
        for call in 0..3 {
            tokio::time::sleep(Duration::from_secs(idle - 1)).await;
            stream.write_all(raw("", "count", "").as_bytes()).await.unwrap();
            assert!(read_response(&mut stream).await.starts_with("HTTP/1.1 200 OK"), "{call}");
        }
        served.stop().await;
    }
}

/// A call whose result does not fit into the buffers of both sides.
fn large_call() -> String {
    let arguments = format!(r#""name":"echo","arguments":{{"text":"{}"}}"#, "x".repeat(8 << 20));
    let body = modern_message("tools/call", &arguments);
    let head = raw("", "echo", "");
    let (head, _) = head.split_once("Content-Length").expect("a length");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Sends a [`large_call`] on a connection whose client has little room for the response.
async fn large_caller(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(large_call().as_bytes()).await.unwrap();
    stream
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_disconnected() {
    for (change, seconds) in [
        ((|limits| limits.request.body_bytes = usize::MAX) as fn(&mut Limits), 30),
        (
            |limits| {
                limits.request.body_bytes = usize::MAX;
                limits.connections.write_timeout = Duration::from_secs(100);
            },
            100,
        ),
    ] {
        let served = served(change).await;
        for waits in [seconds + 1, seconds - 1] {
            let mut stream = large_caller(served.address).await;
            // Each piece that the client reads starts the time again.
            let mut read = 0;
            for _ in 0..3 {
                stream.readable().await.unwrap();
                tokio::time::sleep(Duration::from_secs(waits)).await;
                let mut piece = vec![0; 1 << 20];
                for _ in 0..100 {
                    read += stream.try_read(&mut piece).unwrap_or(0);
                    tokio::task::yield_now().await;
                }
            }
            read += stream.read_to_end(&mut Vec::new()).await.unwrap_or(0);
            assert_eq!(read > 8 << 20, waits < seconds, "{read} bytes after {waits} s");
        }
        served.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_little_is_disconnected() {
    for (change, is_whole) in [
        ((|limits| limits.request.body_bytes = usize::MAX) as fn(&mut Limits), true),
        (
            |limits| {
                limits.request.body_bytes = usize::MAX;
                limits.connections.write_bytes = 100 << 20;
            },
            false,
        ),
    ] {
        let served = served(change).await;
        let mut stream = large_caller(served.address).await;
        let mut read = 0;
        for _ in 0..3 {
            stream.readable().await.unwrap();
            tokio::time::sleep(Duration::from_secs(20)).await;
            // So much that the server can write again, and not all.
            let (mut piece, end) = (vec![0; 64 * 1024], read + (2 << 20));
            for _ in 0..10_000 {
                if read < end {
                    read += stream.try_read(&mut piece).unwrap_or(0);
                }
                tokio::task::yield_now().await;
            }
        }
        read += stream.read_to_end(&mut Vec::new()).await.unwrap_or(0);
        assert_eq!(read > 8 << 20, is_whole, "{read} bytes");
        served.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn clients_that_read_nothing_make_room_for_others() {
    let served = served(|limits| {
        limits.request.body_bytes = usize::MAX;
        limits.connections.open = Some(2);
    })
    .await;
    let mut stuck = Vec::new();
    for _ in 0..2 {
        let mut stream = connected(&served).await;
        stream.write_all(large_call().as_bytes()).await.unwrap();
        stream.readable().await.unwrap();
        stuck.push(stream);
    }
    let start = Instant::now();
    assert_eq!(
        exchange(served.address, raw("", "count", "").as_bytes()).await,
        raw_answer("1", WORKSHOP, "connection: close\r\n")
    );
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    served.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn addresses_share_the_connections() {
    let served = Served::start(|listener, stop| {
        let limits = limits(|limits| limits.connections.open = Some(4));
        Http::open(Workshop::new().0).limits(limits).account_per_peer().serve_until(listener, stop)
    })
    .await;
    let connect = async |from: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(from.parse().unwrap()).unwrap();
        socket.connect(served.address).await.unwrap()
    };
    let ask = async |stream: &mut TcpStream| {
        stream.write_all(raw("", "count", "").as_bytes()).await.unwrap();
        read_response(stream).await.lines().next().map(str::to_owned)
    };
    let is_served = Some("HTTP/1.1 200 OK".to_owned());
    // Requests that take all the time that there is.
    let unfinished = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                      Accept: application/json, text/event-stream\r\nContent-Length: 10\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = connect("127.0.0.2:0").await;
        stream.write_all(unfinished.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let mut refused = connect("127.0.0.2:0").await;
    assert_eq!(read_to_end(&mut refused).await, "");
    let mut first = connect("127.0.0.3:0").await;
    assert_eq!(ask(&mut first).await, is_served);
    let mut second = connect("127.0.0.4:0").await;
    assert_eq!(ask(&mut second).await, is_served);
    drop(held);
    drop((first, second));
    let mut again = connect("127.0.0.2:0").await;
    assert_eq!(ask(&mut again).await, is_served, "what ended came back");
    served.stop().await;
}

/// Otherwise no answer to a question could arrive.
#[tokio::test]
async fn streams_and_requests_of_sessions_leave_connections_for_others() {
    let served = served(|limits| limits.connections.open = Some(4)).await;
    let listen = |id: usize| {
        let body = modern_message("subscriptions/listen", r#""notifications":{}"#).replacen(
            r#""id":1"#,
            &format!(r#""id":{id}"#),
            1,
        );
        let head =
            raw("", "count", "").replace("Mcp-Name: count\r\n", "").replace("tools/call", "subscriptions/listen");
        let (head, _) = head.split_once("Content-Length").expect("a length");
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let mut streams = Vec::new();
    for id in 0..3 {
        let mut stream = connected(&served).await;
        stream.write_all(listen(id).as_bytes()).await.unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        streams.push(stream);
    }
    let message = |text: &str, session: &str| {
        format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\n{session}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        )
    };
    let mut stream = connected(&served).await;
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"#;
    stream.write_all(message(initialize, "").as_bytes()).await.unwrap();
    let mut begun = vec![0; 2000];
    let length = stream.read(&mut begun).await.unwrap();
    let begun = String::from_utf8_lossy(&begun[..length]);
    let id = begun.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).expect("a session");
    let session = format!("MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: {id}\r\n");
    let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
    let refused = exchange(served.address, message(list, &session).as_bytes()).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("There are too many streams and requests in sessions; try again later"), "{refused}");
    drop(streams);
    served.stop().await;
}

#[tokio::test(start_paused = true)]
async fn connections_have_a_limit_and_idle_ones_are_closed_last() {
    let served = served(|limits| limits.connections.open = Some(3)).await;
    let call = raw("", "count", "");
    let ask = async |stream: &mut TcpStream| {
        stream.write_all(call.as_bytes()).await.unwrap();
        read_response(stream).await
    };
    let (mut first, mut second) = (connected(&served).await, connected(&served).await);
    assert_eq!(ask(&mut first).await, raw_answer("1", WORKSHOP, ""));
    assert_eq!(ask(&mut second).await, raw_answer("2", WORKSHOP, ""));
    // The last one makes room by itself.
    let mut third = connected(&served).await;
    assert_eq!(ask(&mut third).await, raw_answer("3", WORKSHOP, "connection: close\r\n"));
    assert_eq!(read_to_end(&mut third).await, "");
    // Half of a head has to go before an idle connection, and of these the one that is idle for longest.
    let mut half = connected(&served).await;
    half.write_all(b"POST /mcp HTTP/1.1\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut fourth = connected(&served).await;
    assert_eq!(ask(&mut fourth).await, raw_answer("4", WORKSHOP, "connection: close\r\n"));
    assert_eq!(read_to_end(&mut half).await, "");
    let mut fifth = connected(&served).await;
    assert_eq!(ask(&mut second).await, raw_answer("5", WORKSHOP, "connection: close\r\n"));
    let mut sixth = connected(&served).await;
    let mut seventh = connected(&served).await;
    assert_eq!(ask(&mut seventh).await, raw_answer("6", WORKSHOP, "connection: close\r\n"));
    assert_eq!(read_to_end(&mut first).await, "");
    // The others are still there.
    assert_eq!(ask(&mut sixth).await.lines().next(), Some("HTTP/1.1 200 OK"));
    assert_eq!(ask(&mut fifth).await.lines().next(), Some("HTTP/1.1 200 OK"));
    served.stop().await;
}

#[tokio::test]
async fn the_number_of_connections_is_in_the_log() {
    for (change, text) in [
        ((|_| {}) as fn(&mut Limits), "connections="),
        (|limits| limits.connections.open = Some(7), "connections=7"),
        (|limits| limits.connections.open = Some(0), "connections=1"),
    ] {
        let log = Log::start();
        let served = served(change).await;
        exchange(served.address, raw("", "count", "Connection: close\r\n").as_bytes()).await;
        served.stop().await;
        let line = log.text().lines().find(|line| line.contains("listening")).map(str::to_owned);
        assert!(line.as_ref().is_some_and(|line| line.contains(text)), "{line:?}");
    }
}

#[cfg(target_os = "linux")]
mod descriptors {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::{Command, Stdio};

    use super::*;

    const CHILD: &str = "WIRE_TEST_DESCRIPTORS";

    /// Not a test of its own: the process that the test below starts with few descriptors.
    #[test]
    fn a_process_that_serves() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        tracing_subscriber::fmt().with_ansi(false).init();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            println!("\nport {}", listener.local_addr().unwrap().port());
            let open = std::env::var(CHILD).unwrap().parse().ok();
            let limits = limits(|limits| limits.connections.open = open);
            Http::open(Workshop::new().0).limits(limits).serve_until(listener, std::future::pending()).await.unwrap();
        });
    }

    #[test]
    fn a_process_without_descriptors_closes_idle_connections() {
        // By its own limit, and with one that is too large.
        for open in ["", "10000"] {
            let mut child = Command::new("sh")
                .args(["-c", r#"ulimit -n 80; exec "$0" "$@""#])
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", "http::connections::descriptors::a_process_that_serves", "--nocapture"])
                .env(CHILD, open)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            let port = lines.find_map(|line| line.strip_prefix("port ")?.parse::<u16>().ok()).expect("a port");
            let clients: Vec<_> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
            let mut last = TcpStream::connect(("127.0.0.1", port)).unwrap();
            last.write_all(raw("", "count", "Connection: close\r\n").as_bytes()).unwrap();
            let mut answer = String::new();
            last.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            drop(clients);
            child.kill().unwrap();
            child.wait().unwrap();
            let log: Vec<_> = lines.collect();
            let count = |text: &str| log.iter().filter(|line| line.contains(text)).count();
            assert_eq!(count("`limits.connections.open`"), usize::from(open.is_empty()), "{log:#?}");
            // One line in ten seconds, which the machine may take, and not one for each attempt.
            assert_eq!((1..5).contains(&count("could not be accepted")), !open.is_empty(), "{log:#?}");
        }
    }
}
