//! A server on a real socket, clients that write every byte themselves, and what such clients come up with.

use mcp::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::servers::Workshop;
use crate::support::socket::{NOTES, Served, WORKSHOP, exchange, raw, raw_answer, read_response, read_to_end};

#[tokio::test]
async fn a_refused_client_need_not_send_its_body() {
    let served = Served::notes().await;
    for (head, status) in [
        ("Content-Length: 1000000\r\n", "401"),
        ("Transfer-Encoding: chunked\r\n", "401"),
        ("Content-Length: 1000000\r\nExpect: 100-continue\r\n", "401"),
        ("Content-Length: 5000000\r\nAuthorization: Bearer alice-token\r\nExpect: 100-continue\r\n", "415"),
        ("Content-Length: 5000000\r\nContent-Type: application/json\r\nAuthorization: Bearer alice-token\r\n", "413"),
    ] {
        let bytes = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{head}\r\n");
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let response = read_response(&mut stream).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {response}");
    }
    // What it sends after all is forgotten, and its next request has its own answer.
    let refused = raw("wrong-token", "whoami", "");
    let (head, body) = refused.split_once("\r\n\r\n").unwrap();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    let response = read_response(&mut stream).await;
    assert!(response.starts_with("HTTP/1.1 401 ") && !response.contains("connection: close"), "{response}");
    stream.write_all((body.to_owned() + &raw("alice-token", "whoami", "")).as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut stream).await, raw_answer("alice alice alice", NOTES, ""));
    drop(stream);
    // An admitted one is told to go on.
    let request = raw("alice-token", "whoami", "Expect: 100-continue\r\n");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut stream).await, raw_answer("alice alice alice", NOTES, ""));
    served.stop().await;
}

/// Many clients write all of a body before they read, and some look for an answer only where the connection is in order.
#[tokio::test]
async fn a_client_that_writes_all_of_a_refused_body_gets_the_answer() {
    let served = Served::notes().await;
    let body = "x".repeat(8 << 20);
    let length = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let chunks = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let json = "Content-Type: application/json\r\n";
    for (headers, status) in [
        (format!("Authorization: Bearer alice-token\r\n{json}"), "413"),
        ("Authorization: Bearer alice-token\r\nContent-Type: text/plain\r\n".to_owned(), "415"),
        (format!("Authorization: Bearer alice-token\r\n{json}Content-Encoding: gzip\r\n"), "415"),
        (format!("Authorization: Bearer alice-token\r\n{json}Accept: text/html\r\n"), "406"),
    ] {
        for rest in [&length, &chunks] {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            let request = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{headers}{rest}");
            stream.write_all(request.as_bytes()).await.unwrap();
            let response = read_response(&mut stream).await;
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{headers}: {response}");
            // Where it was known how long the body is, the connection is in order.
            let is_closed = response.contains("connection: close\r\n");
            assert_eq!(is_closed, rest.starts_with("Transfer-Encoding"), "{response}");
            if is_closed {
                assert_eq!(read_to_end(&mut stream).await, "");
                continue;
            }
            stream.write_all(raw("alice-token", "whoami", "").as_bytes()).await.unwrap();
            assert_eq!(read_response(&mut stream).await, raw_answer("alice alice alice", NOTES, ""));
        }
    }
    // Of a stranger, so much is not read. Who reads meanwhile has the answer all the same.
    for (path, headers, status) in [
        ("/mcp", json, "401"),
        ("/mcp", "Authorization: Bearer narrow-token\r\n", "403"),
        ("/mcp", "Authorization: Bearer wrong-token\r\n", "401"),
        ("/mcp", "Authorization: Bearer down-token\r\n", "503"),
        ("/mcp", "Authorization: Bearer\r\n", "400"),
        ("/mcp", "Origin: https://evil.example\r\n", "403"),
        ("/mcp/", json, "404"),
        ("/.well-known/oauth-protected-resource/mcp", json, "405"),
    ] {
        for rest in [&length, &chunks] {
            let (mut reader, mut writer) = TcpStream::connect(served.address).await.unwrap().into_split();
            let request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{rest}");
            let write = tokio::spawn(async move {
                // Nobody may read the end of it.
                let _ = writer.write_all(request.as_bytes()).await;
                writer
            });
            let mut response = Vec::new();
            while !response.ends_with(b"\r\n\r\n") {
                response.push(reader.read_u8().await.expect("an answer"));
            }
            let response = String::from_utf8(response).expect("a head");
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {headers}: {response}");
            assert!(response.contains("connection: close\r\n"), "the next request would be lost: {response}");
            write.abort();
        }
    }
    drop(served);
}

#[tokio::test]
async fn requests_in_a_pipeline_keep_their_tokens_and_their_order() {
    let served = Served::notes().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let tokens: Vec<_> = (0..20).map(|n| format!("client-{n}")).collect();
    let requests: Vec<_> = tokens.iter().map(|token| raw(token, "whoami", "")).collect();
    stream.write_all((requests.concat() + &raw("", "whoami", "")).as_bytes()).await.unwrap();
    for token in tokens {
        assert_eq!(
            read_response(&mut stream).await,
            raw_answer(&format!("{token} {token} {token}"), NOTES, ""),
            "{token}"
        );
    }
    let last = read_response(&mut stream).await;
    assert!(last.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{last}");
    drop(stream);
    served.stop().await;
}

/// Everything that is not a plain request is refused without a handler running, and the server goes on.
#[tokio::test]
async fn a_hostile_head_is_refused() {
    let served = Served::notes().await;
    let good = raw("alice-token", "whoami", "Connection: close\r\n");
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let huge = "x".repeat(1 << 20);
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    let cases = [
        // Smuggling.
        (with("Authorization: ", "Authorization : "), "400"),
        (with("Authorization: Bearer ", "Authorization: Bearer\r\n "), "400"),
        (with("Authorization: Bearer ", "Authorization: Bearer\0"), "400"),
        (with("Bearer alice-token\r\n", "Bearer alice-token\rX: 1\r\n"), "400"),
        (with("Bearer alice-token\r\n", "Bearer alice-token\r\nAUTHORIZATION: Bearer bob-token\r\n"), "400"),
        (with("Content-Length: ", "Content-Length: 3\r\nContent-Length: "), "400"),
        (with("Content-Length: ", "Content-Length: +"), "400"),
        (with("Content-Length: ", "Content-Length: 99999999999999999999"), "400"),
        (with("Content-Length: ", "Content-Length: -"), "400"),
        (with("Content-Length: ", "Transfer-Encoding: identity\r\nContent-Length: "), "400"),
        (with("Content-Length: ", "Transfer-Encoding: chunked, gzip\r\nContent-Length: "), "400"),
        // Names.
        (with("Host: localhost", "Host: localhost\r\nHost: localhost"), "400"),
        (with("Host: localhost", "Host: localhost\r\nHost: evil.example"), "400"),
        (with("Host: localhost", "Host: evil.example"), "421"),
        (with("Host: localhost", "Host: localhost.evil.example"), "421"),
        (with("Host: localhost", "Host: evil.example#localhost"), "421"),
        (with("Host: localhost", "Host: user@localhost"), "421"),
        (with("Host: localhost", "Host:"), "421"),
        (with("Host: localhost\r\n", ""), "400"),
        (with("/mcp HTTP/1.1\r\nHost: localhost\r\n", "http://localhost/mcp HTTP/1.1\r\n"), "400"),
        (with("/mcp HTTP/1.1", "http://evil.example/mcp HTTP/1.1"), "421"),
        (with("/mcp HTTP/1.1\r\nHost: localhost\r\n", "/mcp HTTP/1.0\r\n"), "421"),
        // The rest.
        (with("POST /mcp", "POST /mcp/../mcp"), "404"),
        (with("POST /mcp", "POST *"), "404"),
        (with("POST /mcp", "POST mcp"), "404"),
        (with("POST /mcp", "CONNECT localhost:80"), "404"),
        (with("POST /mcp", "post /mcp"), "405"),
        (with("POST /mcp", "POST /mcp\0"), "400"),
        (with("HTTP/1.1", "HTTP/3.0"), "400"),
        (with("HTTP/1.1", "HTTP/2.0"), "400"),
        (with("Host: ", &format!("X: {huge}\r\nHost: ")), "431"),
        (with("Host: ", &format!("{many}Host: ")), "431"),
        (format!("GET /{huge} HTTP/1.1\r\n\r\n"), "431"),
        ("\u{16}\u{3}\u{1}\u{2}".to_owned() + "TLS client hello\r\n\r\n", "400"),
    ];
    for (bytes, status) in cases {
        let response = exchange(served.address, bytes.as_bytes()).await;
        let shown: String = bytes.chars().take(200).collect();
        let version = if bytes.contains("HTTP/1.0") { "HTTP/1.0" } else { "HTTP/1.1" };
        // Who still sends when the connection is closed may lose the response.
        let lost = response.is_empty() && status == "431";
        assert!(lost || response.starts_with(&format!("{version} {status} ")), "{status} for {shown:?}: {response}");
    }
    assert_eq!(exchange(served.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, "", "HTTP/2 is not spoken");
    // An absolute URI for this server is fine, and so is a chunked body in odd pieces.
    let answer = raw_answer("alice alice alice", NOTES, "connection: close\r\n");
    let absolute = with("/mcp HTTP/1.1", "http://127.0.0.1:8000/mcp HTTP/1.1");
    assert_eq!(exchange(served.address, absolute.as_bytes()).await, answer);
    let (head, body) = good.split_once("\r\n\r\n").unwrap();
    let (head, _) = head.rsplit_once("Content-Length").unwrap();
    let chunks: String =
        body.split_inclusive(':').map(|piece| format!("{:x};a=b\r\n{piece}\r\n", piece.len())).collect();
    let chunked =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\nAuthorization: Bearer bob-token\r\n\r\n");
    assert_eq!(exchange(served.address, chunked.as_bytes()).await, answer);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_at_once_each_get_their_own_answer() {
    let served = Served::notes().await;
    let address = served.address;
    let clients: Vec<_> = (0..1000)
        .map(|n| {
            tokio::spawn(async move {
                let (token, tool) = (format!("client-{n}"), ["whoami", "whoami_sync", "whoami_blocking"][n % 3]);
                let response = exchange(address, raw(&token, tool, "Connection: close\r\n").as_bytes()).await;
                let text =
                    if tool == "whoami" { format!("{token} {token} {token}") } else { format!("{token} {token}") };
                assert_eq!(response, raw_answer(&text, NOTES, "connection: close\r\n"));
            })
        })
        .collect();
    for client in clients {
        client.await.expect("its own answer");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_handler_with_it() {
    let (workshop, mut observer) = Workshop::new();
    let served = Served::start(|listener, stop| Http::open(workshop).serve_until(listener, stop)).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(raw("", "wait", "").as_bytes()).await.unwrap();
    assert_eq!(observer.events.recv().await, Some("started"));
    drop(stream);
    assert_eq!(observer.events.recv().await, Some("dropped"));
    // One that goes away in the middle of its body never gets as far, and no one else notices.
    let request = raw("", "wait", "");
    for end in [10, request.len() / 2, request.len() - 1] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&request.as_bytes()[..end]).await.unwrap();
        drop(stream);
    }
    let answer = exchange(served.address, raw("", "count", "Connection: close\r\n").as_bytes()).await;
    assert_eq!(answer, raw_answer("1", WORKSHOP, "connection: close\r\n"));
    served.stop().await;
    assert!(observer.events.try_recv().is_err(), "no other handler ran");
}
