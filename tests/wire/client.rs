//! Requests, and responses as text.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::log::keep_secret;
use crate::schema;

pub(crate) const LEGACY: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];

/// `_meta` of a request in protocol 2026-07-28.
pub(crate) const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#;

/// Headers that every client sends. A given header of the same name takes the place of one of these, and one without
/// a value takes it away.
const USUAL: [(&str, &str); 3] = [
    ("host", "127.0.0.1:8000"),
    ("content-type", "application/json"),
    ("accept", "application/json, text/event-stream"),
];

pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn request(method: Method, path: &str, headers: Headers<'_>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::new(body.into());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().expect("a URI");
    let usual = USUAL.iter().filter(|(name, _)| headers.iter().all(|(given, _)| !given.eq_ignore_ascii_case(name)));
    for (name, value) in usual.chain(headers.iter().filter(|(_, value)| !value.is_empty())) {
        // A client whose token is its name is told apart by that in logs.
        if name.eq_ignore_ascii_case("authorization") && !value.contains("client-") {
            keep_secret(value);
        }
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
    }
    request
}

pub(crate) fn post(headers: Headers<'_>, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, "/mcp", headers, body)
}

/// A JSON-RPC request with the id 1. `params` are the members of its params.
pub(crate) fn message(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#)
}

/// The same in protocol 2026-07-28.
pub(crate) fn modern_message(method: &str, params: &str) -> String {
    let comma = if params.is_empty() { "" } else { "," };
    message(method, &format!("{params}{comma}{META}"))
}

/// A complete request of protocol 2026-07-28.
pub(crate) fn modern(token: &str, method: &str, params: &str) -> Request<Body> {
    let body = modern_message(method, params);
    let bearer = format!("Bearer {token}");
    let parsed: Value = serde_json::from_str(&body).expect("JSON");
    let name = parsed["params"]["name"].as_str().unwrap_or_default();
    schema::check_request("2026-07-28", &parsed);
    post(
        &[
            ("authorization", if token.is_empty() { "" } else { &bearer }),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
            ("mcp-name", name),
        ],
        body,
    )
}

pub(crate) fn call(token: &str, tool: &str, arguments: &str) -> Request<Body> {
    modern(token, "tools/call", &format!(r#""name":"{tool}","arguments":{arguments}"#))
}

/// A complete request of an older protocol version; the oldest has no header for it.
pub(crate) fn legacy(version: &str, token: &str, method: &str, params: &str) -> Request<Body> {
    let body = message(method, params);
    let bearer = format!("Bearer {token}");
    schema::check_request(version, &serde_json::from_str(&body).expect("JSON"));
    post(
        &[
            ("authorization", if token.is_empty() { "" } else { &bearer }),
            ("mcp-protocol-version", if version == "2025-03-26" { "" } else { version }),
        ],
        body,
    )
}

/// Sends a request and gives the whole response: status, headers in alphabetical order, and body. The length of the
/// body is up to the connection, and there is none.
pub(crate) async fn send(app: &Router, request: Request<Body>) -> String {
    let response = app.clone().oneshot(request).await.expect("a router cannot fail");
    render(response).await
}

/// The same for a request that is served: the body must be what the schema of `version` demands, and is given alone.
pub(crate) async fn answer(app: &Router, version: &str, request: Request<Body>) -> String {
    let (parts, body) = request.into_parts();
    let bytes: Bytes = body.collect().await.expect("a body").to_bytes();
    let method =
        serde_json::from_slice::<Value>(&bytes).expect("JSON")["method"].as_str().expect("a method").to_owned();
    let response =
        app.clone().oneshot(Request::from_parts(parts, Body::from(bytes))).await.expect("a router cannot fail");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    assert_eq!(parts.headers["content-type"], "application/json");
    let parsed: Value = serde_json::from_slice(&body).expect("JSON");
    schema::check_response(version, &method, &parsed);
    format!("{} {}", parts.status.as_u16(), String::from_utf8_lossy(&body))
}

async fn render(response: Response<Body>) -> String {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let mut headers: Vec<_> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    format!("{}\n{}\n{}", parts.status, headers.concat(), String::from_utf8_lossy(&body))
}

/// The response to a request that got no further than the endpoint itself.
pub(crate) fn rejected(status: &str, code: i32, message: &str) -> String {
    let error = format!(r#"{{"code":{code},"message":"{message}"}}"#);
    format!("{status}\ncontent-type: application/json\n\n{{\"jsonrpc\":\"2.0\",\"error\":{error}}}")
}

/// A body that never arrives.
pub(crate) struct Never;

impl http_body::Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// A body of unknown length, in pieces.
pub(crate) struct Pieces(pub(crate) Vec<Result<&'static str, std::io::Error>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let piece = self.0.remove(0);
        Poll::Ready(Some(piece.map(|piece| http_body::Frame::data(Bytes::from_static(piece.as_bytes())))))
    }
}
