//! A server for whatever a session can have, and a client of an older version in its session.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use mcp::{AccessToken, Changes, Context, Http, LogLevel, StaticTokens};
use tokio::sync::{Notify, mpsc};

use super::client::{deliver, message, post, request, send};
use super::stream::Stream;

/// A server for whatever a session can have.
pub(crate) struct Room {
    pub(crate) events: mpsc::UnboundedSender<&'static str>,
    pub(crate) release: Arc<Notify>,
}

pub(crate) struct Observer {
    pub(crate) events: mpsc::UnboundedReceiver<&'static str>,
    pub(crate) release: Arc<Notify>,
}

impl Room {
    pub(crate) fn new() -> (Self, Observer) {
        let (sender, events) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        (Self { events: sender, release: Arc::clone(&release) }, Observer { events, release })
    }
}

struct Guard<'a>(&'a mpsc::UnboundedSender<&'static str>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write"],
)]
impl Room {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) -> &'static str {
        "hello"
    }

    /// Do what not everyone may.
    #[mcp::tool(scopes = ["write"])]
    async fn write(&self, cx: &Context) -> &'static str {
        cx.progress(1.0);
        let _ = self.events.send("writing");
        self.release.notified().await;
        "written"
    }

    /// Report about a wait while it lasts.
    #[mcp::tool]
    async fn wait(&self, say: Option<u32>, cx: &Context) -> &'static str {
        let _guard = Guard(&self.events);
        for done in 1..=say.unwrap_or_default() {
            cx.progress(f64::from(done));
        }
        let _ = self.events.send("waiting");
        self.release.notified().await;
        cx.progress(1_000_000.0);
        "released"
    }

    /// Count to twenty, one message at a time.
    #[mcp::tool]
    async fn count(&self, cx: &Context) -> &'static str {
        const NUMBERS: [&str; 20] = [
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
            "20",
        ];
        for (number, done) in NUMBERS.into_iter().zip(1..) {
            cx.progress(f64::from(done));
            let _ = self.events.send(number);
            tokio::task::yield_now().await;
        }
        "counted"
    }

    /// Close the stream, and answer when the client may be back.
    #[mcp::tool]
    async fn pause(&self, cx: &Context) -> &'static str {
        cx.close_stream();
        let _ = self.events.send("paused");
        self.release.notified().await;
        "went on"
    }

    /// Panic after the first words.
    #[mcp::tool]
    async fn stumble(&self, cx: &Context) -> String {
        cx.progress(1.0);
        tokio::task::yield_now().await;
        panic!("secret of the room")
    }

    /// Report who is calling.
    #[mcp::tool]
    fn client(&self, cx: &Context) -> String {
        cx.log(LogLevel::Debug, "looking");
        cx.log(LogLevel::Error, "found");
        let client = cx.client().map(|client| format!("{} {}", client.name, client.version));
        let capabilities = cx.capabilities();
        format!("{} {client:?} sampling={} roots={}", cx.protocol_version(), capabilities.sampling, capabilities.roots)
    }

    /// Ask for the folders.
    #[mcp::tool]
    async fn folders(&self, cx: &Context) -> Result<String, mcp::Error> {
        let roots = cx.list_roots("roots").await?;
        Ok(roots.into_iter().map(|root| root.uri).collect::<Vec<_>>().join(" "))
    }

    /// A note.
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: u64) -> String {
        id.to_string()
    }

    /// A secret.
    #[mcp::resource("secrets://1", scopes = ["write"])]
    fn secret(&self) -> &'static str {
        "secret"
    }
}

pub(crate) fn tokens() -> StaticTokens {
    let soon = SystemTime::now() + Duration::from_secs(40);
    StaticTokens::new([
        ("alice-token", AccessToken::ours("app").with_subject("alice").with_scopes(["read"])),
        ("alice-2-token", AccessToken::ours("app").with_subject("alice").with_scopes(["read", "write"])),
        (
            "alice-short-token",
            AccessToken::ours("app").with_subject("alice").with_scopes(["read"]).with_expires_at(soon),
        ),
        ("bob-token", AccessToken::ours("app").with_subject("bob").with_scopes(["read", "write"])),
    ])
}

/// A client of an older version, in its session.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) app: Router,
    pub(crate) version: &'static str,
    pub(crate) token: &'static str,
    pub(crate) session: String,
}

impl Client {
    /// Shakes hands.
    pub(crate) async fn connect(app: &Router, version: &'static str, token: &'static str) -> Self {
        let mut this = Self { app: app.clone(), version, token, session: String::new() };
        let params = format!(
            r#""protocolVersion":"{version}","capabilities":{{"sampling":{{}},"roots":{{}}}},"clientInfo":{{"name":"tester","version":"7"}}"#
        );
        let response = deliver(app, this.post(message("initialize", &params))).await;
        assert_eq!(response.status(), 200);
        let id = response.headers()["mcp-session-id"].to_str().expect("ASCII");
        assert!(!id.is_empty() && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{id}");
        this.session = id.to_owned();
        let initialized = this.post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        assert_eq!(this.send(initialized).await, "202 Accepted\n\n");
        this
    }

    fn headers(&self) -> [(&str, &str); 3] {
        [
            ("mcp-protocol-version", if self.version == "2025-03-26" { "" } else { self.version }),
            ("mcp-session-id", &self.session),
            ("accept", "application/json, text/event-stream"),
        ]
    }

    fn authorized(&self, mut request: Request<Body>) -> Request<Body> {
        let bearer = format!("Bearer {}", self.token);
        request.headers_mut().insert("authorization", bearer.parse().expect("a header"));
        request
    }

    pub(crate) fn post(&self, body: impl Into<String>) -> Request<Body> {
        self.authorized(post(&self.headers(), body.into()))
    }

    /// A request with this id.
    pub(crate) fn request(&self, id: u64, method: &str, params: &str) -> Request<Body> {
        self.post(message(method, params).replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1))
    }

    /// A call with the progress token `p`.
    pub(crate) fn call(&self, id: u64, tool: &str, arguments: &str) -> Request<Body> {
        let params = format!(r#""name":"{tool}","arguments":{arguments},"_meta":{{"progressToken":"p"}}"#);
        self.request(id, "tools/call", &params)
    }

    pub(crate) fn get(&self, last: &str) -> Request<Body> {
        let mut headers = self.headers().to_vec();
        headers[2] = ("accept", "text/event-stream");
        headers.push(("last-event-id", last));
        headers.push(("content-type", ""));
        self.authorized(request(Method::GET, "/mcp", &headers, ""))
    }

    pub(crate) fn delete(&self) -> Request<Body> {
        self.authorized(request(Method::DELETE, "/mcp", &self.headers(), ""))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> String {
        send(&self.app, request).await
    }

    pub(crate) async fn open(&self, request: Request<Body>) -> Stream {
        Stream::open(&self.app, request).await
    }

    /// Returns `true` if the session is known and the caller's.
    pub(crate) async fn is_alive(&self) -> bool {
        let response = self.send(self.request(99, "ping", "")).await;
        let gone = "404 Not Found\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"There is no such session; begin one with `initialize`\"}}";
        assert!(response == gone || response.starts_with("200 "), "{response}");
        response != gone
    }
}

pub(crate) fn room() -> (Router, Changes, Observer) {
    let (room, observer) = Room::new();
    let http = Http::protected(room, tokens());
    let changes = http.changes();
    (http.router(), changes, observer)
}
