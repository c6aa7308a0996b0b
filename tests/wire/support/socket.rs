//! A server on a real socket, and clients that write every byte themselves.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use mcp::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::{is_message, modern_message};
use super::schema::{MODERN, Watch};
use super::servers::{Notes, Verifier};

pub(crate) type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<io::Result<()>>,
}

impl Served {
    /// Starts a server on a free port.
    pub(crate) async fn start<F>(serve: impl FnOnce(TcpListener, Stop) -> F) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let stopped = Box::pin(async move {
            let _ = stopped.await;
        });
        Self { address, stop, task: tokio::spawn(serve(listener, stopped)) }
    }

    pub(crate) async fn notes() -> Self {
        Self::start(|listener, stop| Http::protected(Notes::default(), Verifier).serve_until(listener, stop)).await
    }

    /// Stops it and waits until it has come to its end.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("no panic").expect("no error");
    }
}

/// Writes some bytes and reads until the server closes the connection.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // A server that has seen enough closes early.
    let _ = stream.write_all(bytes).await;
    read_to_end(&mut stream).await
}

/// Reads to the end, and returns the text without the date.
///
/// The bodies in it that are JSON must be messages of the protocol, or a refusal.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    // Closed with something unread, a connection is reset; what came before counts.
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..read]);
    }
    let text = without_date(&String::from_utf8_lossy(&bytes));
    text.split("HTTP/1.").filter_map(|response| response.split_once("\r\n\r\n")).for_each(check);
    text
}

/// The head of the next response and as much of a body as it announces, without the date.
pub(crate) async fn read_response(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.expect("the rest of a head"));
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("the rest of a body");
    let body = String::from_utf8_lossy(&body);
    check((&head, &body));
    without_date(&(head + &body))
}

/// Checks a body of JSON, whatever its request was.
fn check((head, body): (&str, &str)) {
    // A response to HEAD has none.
    if head.contains("content-type: application/json\r\n") && !body.is_empty() && is_message(body.as_bytes()) {
        Watch::new(MODERN).received(body.as_bytes());
    }
}

fn without_date(text: &str) -> String {
    text.split_inclusive("\r\n").filter(|line| !line.starts_with("date: ")).collect()
}

/// A complete request of protocol 2026-07-28, as bytes.
pub(crate) fn raw(token: &str, tool: &str, further: &str) -> String {
    let body = modern_message("tools/call", &format!(r#""name":"{tool}","arguments":{{}}"#));
    Watch::new(MODERN).sent(body.as_bytes());
    let authorization = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\n{authorization}{further}Content-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n\
         Mcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The response to [`raw`].
pub(crate) fn raw_answer(text: &str, server: &str, further: &str) -> String {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{text}"}}],"resultType":"complete","_meta":{{"io.modelcontextprotocol/serverInfo":{server}}}}}}}"#
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{further}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) const NOTES: &str = r#"{"name":"notes","title":"Notebook","version":"1.2.3"}"#;
pub(crate) const WORKSHOP: &str = r#"{"name":"workshop","version":"0.0.1"}"#;
