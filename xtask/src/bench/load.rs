//! The requests that servers are measured with, in a form that every check of the specification accepts.

use std::net::SocketAddr;

use super::client::Answer;
use crate::workspace::Outcome;

/// A kind of request that is repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Load {
    /// `tools/call` of `add`.
    Call,
    /// `tools/call` of `add` with the first of the tokens that the server logged.
    SeenToken,
    /// `tools/call` of `add` with another logged token in each request.
    FreshTokens,
    /// `tools/call` of `add` without a token.
    NoToken,
    /// `tools/call` of `add` with a token that was never issued.
    BadToken,
    /// `tools/call` of `blob`, with a text of so many bytes.
    Blob(usize),
    /// `tools/list`.
    List,
    /// The metadata document.
    Metadata,
    /// `tools/call` of `steps`, which reports its progress three times.
    Progress,
    /// `subscriptions/listen`, which has no end.
    Listen,
}

const TOKEN: &str = "alice-token";

impl Load {
    /// Returns the requests to send in turn, over and over.
    pub(crate) fn requests(self, address: SocketAddr, tokens: &[String]) -> Outcome<Vec<Vec<u8>>> {
        let request = |token| self.request(address, token);
        Ok(match self {
            Self::NoToken => vec![request(None)],
            Self::BadToken => vec![request(Some("mallory-token"))],
            Self::SeenToken => vec![request(Some(tokens.first().ok_or("the server logged no token")?))],
            Self::FreshTokens => tokens.iter().map(|token| request(Some(token))).collect(),
            _ => vec![request(Some(TOKEN))],
        })
    }

    fn request(self, address: SocketAddr, token: Option<&str>) -> Vec<u8> {
        if self == Self::Metadata {
            let path = "/.well-known/oauth-protected-resource/mcp";
            return format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\r\n").into_bytes();
        }
        let mut head = "POST /mcp HTTP/1.1\r\n".to_owned();
        for (name, value) in self.headers(address, token) {
            head += &format!("{name}: {value}\r\n");
        }
        let body = self.body();
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    pub(crate) fn headers(self, address: SocketAddr, token: Option<&str>) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Host", address.to_string())];
        headers.extend(token.map(|token| ("Authorization", format!("Bearer {token}"))));
        headers.push(("Content-Type", "application/json".to_owned()));
        headers.push(("Accept", "application/json, text/event-stream".to_owned()));
        headers.push(("MCP-Protocol-Version", "2026-07-28".to_owned()));
        headers.push(("Mcp-Method", self.method().to_owned()));
        headers.extend(self.tool().map(|tool| ("Mcp-Name", tool.to_owned())));
        headers
    }

    /// Returns the headers with the token that is always good.
    pub(crate) fn good_headers(self, address: SocketAddr) -> Vec<(&'static str, String)> {
        self.headers(address, Some(TOKEN))
    }

    pub(crate) fn body(self) -> String {
        let params = match self {
            Self::List | Self::Metadata => String::new(),
            Self::Listen => r#""notifications":{"toolsListChanged":true},"#.to_owned(),
            Self::Blob(length) => format!(r#""name":"blob","arguments":{{"data":"{}"}},"#, "x".repeat(length)),
            _ => format!(r#""name":"{}","arguments":{{"a":2,"b":3}},"#, self.tool().unwrap_or_default()),
        };
        let progress = if self == Self::Progress { r#""progressToken":1,"# } else { "" };
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"{}","params":{{{params}"_meta":{{{progress}"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"1.0.0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#,
            self.method()
        )
    }

    fn method(self) -> &'static str {
        match self {
            Self::List => "tools/list",
            Self::Listen => "subscriptions/listen",
            _ => "tools/call",
        }
    }

    fn tool(self) -> Option<&'static str> {
        match self {
            Self::List | Self::Metadata | Self::Listen => None,
            Self::Blob(_) => Some("blob"),
            Self::Progress => Some("steps"),
            _ => Some("add"),
        }
    }

    /// Checks an answer, because failing is faster than answering.
    pub(crate) fn check(self, answer: &Answer) -> Outcome {
        let text = |text: &str| format!(r#""type":"text","text":"{text}""#);
        let (status, parts) = match self {
            Self::NoToken | Self::BadToken => (401, vec![]),
            Self::Call | Self::SeenToken | Self::FreshTokens => (200, vec![text("5")]),
            Self::Blob(length) => (200, vec![text(&length.to_string())]),
            Self::List => (200, vec![r#""name":"add""#.to_owned()]),
            Self::Metadata => (200, vec![r#""authorization_servers":["#.to_owned()]),
            Self::Progress => (200, vec![r#""progress":3"#.to_owned(), text("5")]),
            Self::Listen => (200, vec![r#""method":"notifications/subscriptions/acknowledged""#.to_owned()]),
        };
        if answer.status == status && parts.iter().all(|part| answer.body.contains(part)) {
            return Ok(());
        }
        let beginning: String = answer.body.chars().take(200).collect();
        Err(format!("{self:?} was answered with {} {beginning}", answer.status))
    }
}
