//! A client of any version, as complete as the tests need one: it has a session where the version has sessions, answers
//! what it is asked, and keeps all that it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::client::{Events, deliver_watched, request};
use crate::schema::{MODERN, Watch};

pub(crate) const VERSIONS: [&str; 4] = ["2025-03-26", "2025-06-18", "2025-11-25", MODERN];

pub(crate) struct Peer {
    app: Router,
    pub(crate) version: &'static str,
    capabilities: Value,
    session: Option<String>,
    /// What the server said about itself at the beginning.
    pub(crate) handshake: Value,
    /// Beside that of the handshake.
    requests: AtomicU64,
    watch: Watch,
}

impl Peer {
    /// A client that can be asked everything that its version knows.
    pub(crate) async fn new(app: &Router, version: &'static str) -> Self {
        let mut capabilities = json!({"sampling": {}, "roots": {}, "elicitation": {"form": {}, "url": {}}});
        if version == "2025-06-18" {
            capabilities["elicitation"] = json!({});
        } else if version == "2025-03-26" {
            capabilities.as_object_mut().expect("an object").remove("elicitation");
        }
        Self::with_capabilities(app, version, capabilities).await
    }

    /// After the handshake, where there is one.
    pub(crate) async fn with_capabilities(app: &Router, version: &'static str, capabilities: Value) -> Self {
        let app = app.clone();
        let mut peer = Self {
            app,
            version,
            capabilities,
            session: None,
            handshake: Value::Null,
            requests: AtomicU64::new(0),
            watch: Watch::new(version),
        };
        if version != MODERN {
            let params = json!({
                "protocolVersion": version,
                "capabilities": peer.capabilities,
                "clientInfo": {"name": "test", "version": "1"},
            });
            let handshake =
                peer.post(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})).await;
            let session = handshake.headers().get("mcp-session-id").expect("a session");
            peer.session = Some(session.to_str().expect("visible ASCII").to_owned());
            peer.handshake = Stream::of(handshake).await.next().await.expect("an answer")["result"].take();
            peer.tell("notifications/initialized", json!({})).await;
        }
        peer
    }

    pub(crate) fn is_modern(&self) -> bool {
        self.version == MODERN
    }

    /// Sends a request and gives everything that is said until it has its answer, which is the last.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Vec<Value> {
        let mut said = Vec::new();
        let mut params = params;
        loop {
            let mut stream = self.open(method, params.clone()).await;
            while let Some(message) = stream.next().await {
                if message.get("method").is_some() && message.get("id").is_some() {
                    let response = json!({"jsonrpc": "2.0", "id": message["id"], "result": answer(&message["method"])});
                    assert_eq!(self.post(&response).await.status(), 202);
                }
                said.push(message);
            }
            let result = &said.last().expect("an answer")["result"];
            if result["resultType"] != "input_required" {
                return said;
            }
            let asked = result["inputRequests"].as_object().expect("questions").iter();
            params["inputResponses"] =
                asked.map(|(key, question)| (key.clone(), answer(&question["method"]))).collect();
            params["requestState"] = result["requestState"].clone();
        }
    }

    /// The same without what is said before, and without what every response has.
    pub(crate) async fn result(&self, method: &str, params: Value) -> Value {
        let mut said = self.ask(method, params).await;
        let mut result = said.pop().expect("an answer")["result"].take();
        if self.is_modern() {
            let result = result.as_object_mut().expect("a result");
            assert_eq!(result.remove("resultType"), Some(json!("complete")));
            let meta = result["_meta"].as_object_mut().expect("what every result has");
            meta.remove("io.modelcontextprotocol/serverInfo").expect("who answers");
            if meta.is_empty() {
                result.remove("_meta");
            }
        }
        result
    }

    /// Sends a request whose answer is a stream, or comes as one.
    pub(crate) async fn open(&self, method: &str, mut params: Value) -> Stream {
        if self.is_modern() {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "test", "version": "1"});
            meta["io.modelcontextprotocol/clientCapabilities"] = self.capabilities.clone();
        }
        let id = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        Stream::of(self.post(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await).await
    }

    /// The stream for what belongs to no request, in versions that have one.
    pub(crate) async fn listen(&self) -> Stream {
        let mut listen = request(Method::GET, "/mcp", &self.headers(), "");
        listen.headers_mut().remove("content-type");
        Stream::of(deliver_watched(&self.watch, &self.app, listen).await).await
    }

    pub(crate) async fn tell(&self, method: &str, params: Value) {
        let response = self.post(&json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
        assert_eq!(response.status(), 202, "{method}");
    }

    async fn post(&self, message: &Value) -> Response<Body> {
        let (method, params) = (&message["method"], &message["params"]);
        let mut headers = self.headers();
        if self.is_modern() {
            headers.push(("mcp-method", method.as_str().unwrap_or_default()));
            let name = if method == "resources/read" { &params["uri"] } else { &params["name"] };
            headers.push(("mcp-name", name.as_str().unwrap_or_default()));
        }
        let post: Request<Body> = request(Method::POST, "/mcp", &headers, message.to_string());
        deliver_watched(&self.watch, &self.app, post).await
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        let session = self.session.as_deref().unwrap_or_default();
        // The oldest version has no header for it.
        let version = if self.version == "2025-03-26" { "" } else { self.version };
        vec![("mcp-protocol-version", version), ("mcp-session-id", session)]
    }
}

/// What a client says to a question of this method.
fn answer(method: &Value) -> Value {
    match method.as_str() {
        Some("elicitation/create") => json!({"action": "accept", "content": {"name": "Ann"}}),
        Some("sampling/createMessage") => {
            json!({"role": "assistant", "content": {"type": "text", "text": "Hello"}, "model": "test"})
        }
        Some("roots/list") => json!({"roots": [{"uri": "file:///home", "name": "Home"}]}),
        _ => panic!("the server asks {method}"),
    }
}

/// The messages of a response, as they come.
pub(crate) struct Stream {
    body: Body,
    /// There are none in an answer that comes alone.
    events: Option<Events>,
    ready: VecDeque<Value>,
}

impl Stream {
    async fn of(response: Response<Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        let mut ready = VecDeque::new();
        let is_stream = parts.headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        if !is_stream {
            let bytes = (&mut body).collect().await.expect("a body").to_bytes();
            ready.push_back(
                serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {parts:?} {bytes:?}")),
            );
        }
        Self { body, events: is_stream.then(Events::default), ready }
    }

    /// The next message, or `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            let events = self.events.as_mut()?;
            let frame = self.body.frame().await?.expect("a piece of the body");
            let messages = events.further(&frame.into_data().expect("data"));
            self.ready.extend(messages.iter().map(|message| serde_json::from_str::<Value>(message).expect("JSON")));
        }
    }
}
