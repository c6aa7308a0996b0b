//! A client that writes HTTP by hand, and leaves it unfinished if it wants to.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The time after which a call of the other caller has failed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The size of an attack.
#[derive(Clone, Copy)]
pub(crate) enum Size {
    Full,
    Quick,
}

impl Size {
    /// Returns the number of something at full size, or a twentieth of it.
    pub(crate) fn of(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full.div_ceil(20),
        }
    }
}

/// A caller with a token.
pub(crate) struct Caller {
    address: SocketAddr,
    token: &'static str,
}

/// A response: its status, its head and its body.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Caller {
    pub(crate) fn new(address: SocketAddr, token: &'static str) -> Self {
        Self { address, token }
    }

    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Writes a POST request with these further headers, each with a line break.
    pub(crate) fn post(&self, stream: &mut TcpStream, headers: &str, body: &str) -> io::Result<()> {
        self.head(stream, &format!("Content-Length: {}\r\n{headers}", body.len()))?;
        stream.write_all(body.as_bytes())
    }

    /// Writes the head of a POST request, with headers about its body.
    pub(crate) fn head(&self, stream: &mut TcpStream, headers: &str) -> io::Result<()> {
        let (address, token) = (self.address, self.token);
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes())
    }

    /// Sends a request of the newest version, whose params end with its `_meta`.
    pub(crate) fn send(&self, stream: &mut TcpStream, method: &str, params: &str) -> io::Result<()> {
        let name = params.split_once("\"name\":\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
        let headers = format!("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nMcp-Name: {name}\r\n");
        let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#;
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params},{meta}}}}}"#);
        self.post(stream, &headers, &body)
    }

    /// Calls the smallest tool, over a connection of its own.
    pub(crate) fn call(&self) -> Result<(), String> {
        self.connect().and_then(|mut stream| self.add(&mut stream)).map_err(|error| error.to_string())?
    }

    fn add(&self, stream: &mut TcpStream) -> io::Result<Result<(), String>> {
        self.send(stream, "tools/call", r#""name":"add","arguments":{"a":1,"b":2}"#)?;
        let response = read(stream)?;
        let is_right = response.status == 200 && response.body.contains(r#""text":"3""#);
        Ok(if is_right { Ok(()) } else { Err(format!("{} {}", response.status, response.body)) })
    }

    /// Calls the smallest tool so often, and until `is_over`. Returns the times, and the complaints about failures.
    pub(crate) fn calls(&self, least: usize, is_over: impl Fn() -> bool) -> (Vec<Duration>, Vec<String>) {
        let (mut times, mut failures) = (Vec::new(), Vec::new());
        let mut stream = self.connect();
        while times.len() < least || !is_over() {
            let begin = Instant::now();
            let outcome = match &mut stream {
                Ok(stream) => self.add(stream).unwrap_or_else(|error| Err(error.to_string())),
                Err(error) => Err(error.to_string()),
            };
            times.push(begin.elapsed());
            if let Err(failure) = outcome {
                failures.push(failure);
                stream = self.connect();
                if failures.len() > 100 {
                    break;
                }
            }
        }
        (times, failures)
    }

    /// Sends the end of a session.
    pub(crate) fn end_session(&self, stream: &mut TcpStream, headers: &str) -> io::Result<()> {
        let (address, token) = (self.address, self.token);
        let head = format!("DELETE /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes())
    }

    /// Begins a session, and returns the headers of a request in it.
    pub(crate) fn begin_session(&self, stream: &mut TcpStream) -> io::Result<String> {
        let params =
            r#""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"mallory","version":"1"}"#;
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{{params}}}}}"#);
        self.post(stream, "", &body)?;
        let response = read(stream)?;
        let id = response.head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
        let id = id.ok_or_else(|| io::Error::other(format!("no session: {} {}", response.status, response.body)))?;
        Ok(format!("MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: {id}\r\n"))
    }
}

/// Reads a response that has a length.
pub(crate) fn read(stream: &mut TcpStream) -> io::Result<Response> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    reader.read_exact(&mut body)?;
    Ok(Response { status, head, body: String::from_utf8_lossy(&body).into_owned() })
}
