//! Requests, and responses as text.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use mcp::testing::TestResponse;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::log::keep_secret;
use super::schema::{MODERN, Watch};

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
        if name.eq_ignore_ascii_case("dpop") {
            keep_secret(value);
        }
        // Who has the id of a session of an open server is in it.
        if name.eq_ignore_ascii_case("mcp-session-id") && value.len() > 40 {
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

/// Builds a message of protocol 2026-07-28.
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
    post(
        &[
            ("authorization", if token.is_empty() { "" } else { &bearer }),
            ("mcp-protocol-version", if version == "2025-03-26" { "" } else { version }),
        ],
        body,
    )
}

/// Says that the body of a request may be no message of the protocol, on purpose.
pub(crate) fn unchecked(mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(Unchecked);
    request
}

#[derive(Clone)]
struct Unchecked;

/// Sends a request. Its body must be a message, unless it is [`unchecked`], and what comes back, too.
pub(crate) async fn deliver(app: &Router, request: Request<Body>) -> Response<Body> {
    let version = request.headers().get("mcp-protocol-version").map(|version| version.to_str().unwrap_or_default());
    deliver_watched(&Watch::new(version.unwrap_or("2025-03-26")), app, request).await
}

/// Delivers a request in the middle of a conversation that is watched.
pub(crate) async fn deliver_watched(watch: &Watch, app: &Router, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Some bodies never end.
    let (bytes, body) = match body.size_hint().exact() {
        Some(_) => {
            let bytes = body.collect().await.expect("a body").to_bytes();
            (bytes.clone(), Body::from(bytes))
        }
        None => (Bytes::new(), body),
    };
    let state =
        std::str::from_utf8(&bytes).ok().and_then(|body| body.split_once(r#""requestState":""#)?.1.split('"').next());
    if let Some(state) = state.filter(|state| state.len() > 40) {
        keep_secret(state);
    }
    match parts.extensions.get::<Unchecked>() {
        Some(_) => watch.sent_unchecked(&bytes),
        None if bytes.is_empty() => {}
        None => watch.sent(&bytes),
    }
    let response = app.clone().oneshot(Request::from_parts(parts, body)).await.expect("a router cannot fail");
    watched(watch.clone(), response).await
}

/// Looks at what comes back: at once, or while it comes.
async fn watched(watch: Watch, response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let body = match parts.headers.get("content-type").map(HeaderValue::as_bytes) {
        Some(b"text/event-stream") => {
            let mut events = Events::default();
            Body::new(body.map_frame(move |frame| {
                for message in frame.data_ref().into_iter().flat_map(|data| events.further(data)) {
                    watch.received(message.as_bytes());
                }
                frame
            }))
        }
        Some(b"application/json") => {
            let bytes = body.collect().await.expect("a body").to_bytes();
            // Refusals of the guard and the metadata are JSON, but no messages.
            if is_message(&bytes) {
                watch.received(&bytes);
            } else {
                assert!(!parts.status.is_success() || parts.headers.contains_key("cache-control"), "{bytes:?}");
            }
            Body::from(bytes)
        }
        _ => body,
    };
    Response::from_parts(parts, body)
}

/// Checks that a response of the test kit is a message of the newest version, or a refusal.
pub(crate) fn checked(response: TestResponse) -> TestResponse {
    checked_as(MODERN, response)
}

/// Checks a response of the test kit to a request of another version.
pub(crate) fn checked_as(version: &str, response: TestResponse) -> TestResponse {
    if !response.body().is_empty() && is_message(response.body()) {
        Watch::new(version).received(response.body());
    }
    response
}

pub(crate) fn is_message(bytes: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(bytes).expect("JSON");
    // An answer to what was not read has the `id` of JSON-RPC for it, which is none of the schemas.
    body.is_array() || body.get("jsonrpc").is_some_and(|_| body.get("id") != Some(&Value::Null))
}

/// Takes a stream of server-sent events apart, whose pieces may end anywhere.
#[derive(Default)]
pub(crate) struct Events(String);

impl Events {
    /// The messages that are complete with this piece.
    pub(crate) fn further(&mut self, piece: &[u8]) -> Vec<String> {
        self.0.push_str(std::str::from_utf8(piece).expect("UTF-8"));
        let mut messages = Vec::new();
        while let Some((event, rest)) = self.0.split_once("\n\n") {
            let data: Vec<_> =
                event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
            messages.push(data.join("\n"));
            self.0 = rest.to_owned();
        }
        // Without data, it only has an id to come back with.
        messages.retain(|message| !message.is_empty());
        messages
    }
}

/// Sends a request and gives the whole response: status, headers in alphabetical order, and body. The length of the
/// body is up to the connection, and there is none.
pub(crate) async fn send(app: &Router, request: Request<Body>) -> String {
    render(deliver(app, request).await).await
}

/// Sends a request of `version` and returns the status and the body.
pub(crate) async fn answer(app: &Router, version: &str, request: Request<Body>) -> String {
    let (parts, body) = deliver_watched(&Watch::new(version), app, request).await.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    assert_eq!(parts.headers["content-type"], "application/json");
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

/// A body without an end, which counts how much of it was read.
pub(crate) struct Endless(pub(crate) Arc<AtomicUsize>);

impl Endless {
    pub(crate) const PIECE: usize = 50;
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let read = self.0.fetch_add(Self::PIECE, Ordering::Relaxed);
        assert!(read < 1024 * 1024, "somebody reads without end");
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&[b' '; Self::PIECE])))))
    }
}

/// A body that announces more than there is memory, in pieces.
pub(crate) struct Boasting(pub(crate) Pieces);

impl http_body::Body for Boasting {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        let mut hint = http_body::SizeHint::new();
        hint.set_lower(1 << 60);
        hint
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

/// The status, the challenge and the body.
pub(crate) async fn ask(
    app: &Router,
    version: &str,
    token: &str,
    method: &str,
    mut params: Value,
) -> (u16, String, Value) {
    let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", &*bearer), ("mcp-protocol-version", version)];
    if version == MODERN {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        headers.extend([("mcp-method", method), ("mcp-name", &name)]);
    }
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let response = deliver(app, post(&headers, body)).await;
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().expect("ASCII").to_owned());
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    (status, challenge.unwrap_or_default(), serde_json::from_slice(&body).expect("JSON"))
}

/// Params of a method that is not known: whatever they are called, they are not what other methods take.
pub(crate) const FOREIGN_PARAMS: &str = r#""name":{},"arguments":7,"cursor":[1],"protocolVersion":7"#;
