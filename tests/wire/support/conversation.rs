//! A client that speaks every version over every transport, so that one test can say what a handler does in all of them.

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use mcp::{Http, Open, Stdio};
use serde_json::{Map, Value, json};

use super::client::{Events, deliver, post, request, unchecked};
use super::schema::MODERN;
use super::servers::limits;
use super::stdio;
use super::stream::Stream;

/// The transport and the version between a client and a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    Http(&'static str),
    Stdio(&'static str),
}

impl Way {
    pub(crate) const ALL: [Self; 8] = [
        Self::Http(MODERN),
        Self::Http("2025-11-25"),
        Self::Http("2025-06-18"),
        Self::Http("2025-03-26"),
        Self::Stdio(MODERN),
        Self::Stdio("2025-11-25"),
        Self::Stdio("2025-06-18"),
        Self::Stdio("2025-03-26"),
    ];

    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Http(version) | Self::Stdio(version) => version,
        }
    }

    pub(crate) fn is_modern(self) -> bool {
        self.version() == MODERN
    }

    pub(crate) async fn connect<S: Open>(self, server: S, client: Client) -> Connection {
        self.connect_in_pages(server, client, 1000).await
    }

    /// Connects to a server whose lists have pages of this size.
    pub(crate) async fn connect_in_pages<S: Open>(self, server: S, client: Client, size: usize) -> Connection {
        let line = match self {
            Self::Http(_) => {
                let app = Http::open(server).limits(limits(|limits| limits.request.page_size = size)).router();
                Line::Http { app, session: String::new(), stream: None }
            }
            Self::Stdio(_) => Line::Stdio(stdio::Client::of(
                Stdio::new(server).limits(limits(|limits| limits.request.page_size = size)),
            )),
        };
        self.connect_by(line, client).await
    }

    /// Connects to a server with settings of its own, built for the transport.
    pub(crate) async fn connect_built<S: Open>(
        self,
        http: impl FnOnce() -> Http<S, mcp::Anyone>,
        stdio: impl FnOnce() -> Stdio<S>,
    ) -> Connection {
        let line = match self {
            Self::Http(_) => Line::Http { app: http().router(), session: String::new(), stream: None },
            Self::Stdio(_) => Line::Stdio(stdio::Client::of(stdio())),
        };
        self.connect_by(line, Client::default()).await
    }

    /// Talks to an app, over HTTP.
    pub(crate) async fn connect_to(version: &'static str, app: Router) -> Connection {
        let line = Line::Http { app, session: String::new(), stream: None };
        Self::Http(version).connect_by(line, Client::default()).await
    }

    async fn connect_by(self, line: Line, client: Client) -> Connection {
        let mut connection = Connection { way: self, line, client, last_id: 0, handshake: Value::Null };
        if !self.is_modern() {
            connection.shake_hands().await;
        }
        connection
    }
}

/// The self-description of a client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) capabilities: Value,
    /// Which messages it wants to have logged.
    pub(crate) log_level: Option<&'static str>,
    /// Further members of the `_meta` of its requests.
    pub(crate) meta: Value,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            capabilities: json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}),
            log_level: None,
            meta: json!({}),
        }
    }
}

impl Client {
    /// One that can only be asked for this.
    pub(crate) fn with(capabilities: Value) -> Self {
        Self { capabilities, ..Self::default() }
    }
}

pub(crate) struct Connection {
    pub(crate) way: Way,
    line: Line,
    client: Client,
    last_id: u64,
    /// The self-description of the server in the handshake.
    pub(crate) handshake: Value,
}

enum Line {
    /// With the stream for what belongs to no request, once there is one.
    Http {
        app: Router,
        session: String,
        stream: Option<Stream>,
    },
    Stdio(stdio::Client),
}

/// Everything about one request.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    /// The notifications that came before the answer.
    pub(crate) told: Vec<Value>,
    /// The questions to the client, in rounds or one after the other.
    pub(crate) asked: Vec<Value>,
    /// The result or the error.
    pub(crate) answer: Value,
}

impl Conversation {
    /// The text of the result.
    pub(crate) fn text(&self) -> &str {
        self.answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }

    /// Returns `true` if the result is an error for the model.
    pub(crate) fn is_error(&self) -> bool {
        self.answer["result"]["isError"] == true
    }

    pub(crate) fn code(&self) -> i64 {
        self.answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{self:?}"))
    }

    pub(crate) fn message(&self) -> &str {
        self.answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }

    /// Takes a message of the server in.
    fn hear(&mut self, message: Value, answer: impl Fn(&str, &Value) -> Value) -> Heard {
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => {
                let response = answer(method, &message["params"]);
                // An error stands for itself.
                let (kind, response) = match response.get("error") {
                    Some(error) => ("error", error.clone()),
                    None => ("result", response),
                };
                self.asked.push(json!({"method": method, "params": message["params"]}));
                Heard::Question(json!({"jsonrpc": "2.0", "id": id, kind: response}))
            }
            (Some(_), None) => {
                self.told.push(message);
                Heard::Nothing
            }
            (None, _) => Heard::Answer(message),
        }
    }

    /// The params of what was told by this method.
    pub(crate) fn told(&self, method: &str) -> Vec<&Value> {
        self.told.iter().filter(|message| message["method"] == method).map(|message| &message["params"]).collect()
    }
}

enum Heard {
    Nothing,
    /// With the response to it.
    Question(Value),
    Answer(Value),
}

/// A message over HTTP, in the session if there is one. What is no request has no method.
fn http_post(way: Way, session: &str, method: &str, name: &str, message: &Value) -> Request<Body> {
    let is_modern = way.is_modern();
    let mirrored = |value| if is_modern { value } else { "" };
    let version = if way.version() == "2025-03-26" || method == "initialize" { "" } else { way.version() };
    let headers = [
        ("mcp-protocol-version", version),
        ("mcp-session-id", session),
        ("mcp-method", mirrored(method)),
        ("mcp-name", mirrored(name)),
    ];
    post(&headers, message.to_string())
}

impl Connection {
    /// Calls a tool and answers whatever it asks. `answer` gets a method and its params.
    pub(crate) async fn call(
        &mut self,
        tool: &str,
        arguments: Value,
        answer: impl Fn(&str, &Value) -> Value,
    ) -> Conversation {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}), answer).await
    }

    pub(crate) async fn request(
        &mut self,
        method: &str,
        params: Value,
        answer: impl Fn(&str, &Value) -> Value,
    ) -> Conversation {
        let mut conversation = Conversation::default();
        let mut further = Map::new();
        for _ in 0..10 {
            let mut params = params.clone();
            params.as_object_mut().expect("params").extend(further);
            conversation.answer = self.round(method, params, &answer, &mut conversation).await;
            let result = &conversation.answer["result"];
            if result["resultType"] != "input_required" {
                return conversation;
            }
            let mut responses = Map::new();
            for (key, request) in result["inputRequests"].as_object().expect("questions") {
                let response = answer(request["method"].as_str().expect("a method"), &request["params"]);
                responses.insert(key.clone(), response);
                conversation.asked.push(request.clone());
            }
            further = Map::from_iter([
                ("inputResponses".to_owned(), responses.into()),
                ("requestState".to_owned(), result["requestState"].clone()),
            ]);
        }
        panic!("no end of questions: {conversation:?}")
    }

    /// Sends a request once, and gives its answer as it is. `conversation` gets what comes before.
    pub(crate) async fn round(
        &mut self,
        method: &str,
        mut params: Value,
        answer: impl Fn(&str, &Value) -> Value,
        conversation: &mut Conversation,
    ) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let meta = self.meta();
        if meta != json!({}) {
            params["_meta"] = meta;
        }
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        match &mut self.line {
            Line::Http { app, session, .. } => {
                let name = ["name", "uri", "taskId"].into_iter().find_map(|member| params[member].as_str());
                let name = name.unwrap_or_default();
                let response = deliver(app, http_post(self.way, session, method, name, &request)).await;
                if let Some(id) = response.headers().get("mcp-session-id") {
                    *session = id.to_str().expect("ASCII").to_owned();
                }
                let is_stream = response.headers()["content-type"] == "text/event-stream";
                let (mut events, mut body) = (Events::default(), response.into_body());
                loop {
                    let frame = body.frame().await.expect("an answer").expect("no failure");
                    let data = frame.into_data().expect("data");
                    let messages = if is_stream {
                        events.further(&data)
                    } else {
                        vec![String::from_utf8_lossy(&data).into_owned()]
                    };
                    for message in messages {
                        let message = serde_json::from_str(&message).expect("JSON");
                        match conversation.hear(message, &answer) {
                            Heard::Answer(answer) => return answer,
                            Heard::Question(response) => {
                                let response = deliver(app, http_post(self.way, session, "", "", &response)).await;
                                assert_eq!(response.status(), 202);
                            }
                            Heard::Nothing => {}
                        }
                    }
                }
            }
            Line::Stdio(client) => {
                client.write(&request.to_string()).await;
                loop {
                    let line = client.read().await.expect("an answer");
                    let message = serde_json::from_str(&line).expect("JSON");
                    match conversation.hear(message, &answer) {
                        Heard::Answer(answer) => return answer,
                        Heard::Question(response) => client.write(&response.to_string()).await,
                        Heard::Nothing => {}
                    }
                }
            }
        }
    }

    /// Asks to be told when a resource changes, and all lists.
    pub(crate) async fn watch(&mut self, uri: &str) {
        let changes = json!({
            "toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true,
            "resourceSubscriptions": [uri],
        });
        if !self.way.is_modern() {
            let subscribed = self.request("resources/subscribe", json!({"uri": uri}), silent).await;
            assert_eq!(subscribed.answer["result"], json!({}));
            if let Line::Http { app, session, stream } = &mut self.line {
                let headers = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", self.way.version())];
                *stream = Some(Stream::open(app, request(Method::GET, "/mcp", &headers, "")).await);
            }
            return;
        }
        self.last_id += 1;
        let params = json!({"notifications": changes, "_meta": self.meta()});
        let listen = json!({"jsonrpc": "2.0", "id": self.last_id, "method": "subscriptions/listen", "params": params});
        match &mut self.line {
            Line::Http { app, session, stream } => {
                let listen = http_post(self.way, session, "subscriptions/listen", "", &listen);
                *stream = Some(Stream::open(app, listen).await);
            }
            Line::Stdio(client) => client.write(&listen.to_string()).await,
        }
        let acknowledged = self.next().await;
        assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(acknowledged["params"]["notifications"], changes);
    }

    /// Reads the next message outside of requests, after [`watch`](Self::watch).
    pub(crate) async fn next(&mut self) -> Value {
        let message = match &mut self.line {
            Line::Http { stream, .. } => stream.as_mut().expect("a stream").any_message().await,
            Line::Stdio(client) => client.read().await.expect("a message"),
        };
        serde_json::from_str(&message).expect("JSON")
    }

    /// Calls a tool with something else in `_meta`, and gives the error that this is.
    pub(crate) async fn refused(&mut self, tool: &str, key: &str, value: Value) -> Value {
        let mut meta = self.meta();
        meta[key] = value;
        self.unchecked("tools/call", json!({"name": tool, "_meta": meta})).await["error"].take()
    }

    /// Sends what may be no request of the protocol, and gives its answer.
    pub(crate) async fn unchecked(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let request = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        let answer = match &mut self.line {
            Line::Http { app, session, .. } => {
                let name = params["name"].as_str().unwrap_or_default();
                let response = deliver(app, unchecked(http_post(self.way, session, method, name, &request))).await;
                let body = response.into_body().collect().await.expect("a body").to_bytes();
                String::from_utf8(body.to_vec()).expect("UTF-8")
            }
            Line::Stdio(client) => {
                client.write_unchecked(&request.to_string()).await;
                client.read().await.expect("an answer")
            }
        };
        serde_json::from_str(&answer).expect("JSON")
    }

    fn meta(&self) -> Value {
        let mut meta = self.client.meta.clone();
        if self.way.is_modern() {
            meta["io.modelcontextprotocol/protocolVersion"] = self.way.version().into();
            meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "conversation", "version": "7"});
            meta["io.modelcontextprotocol/clientCapabilities"] = self.client.capabilities.clone();
            if let Some(level) = self.client.log_level {
                meta["io.modelcontextprotocol/logLevel"] = level.into();
            }
        }
        meta
    }

    async fn shake_hands(&mut self) {
        let nothing = |_: &str, _: &Value| panic!("a question during the handshake");
        let info = json!({"name": "conversation", "version": "7"});
        let params = json!({
            "protocolVersion": self.way.version(), "capabilities": self.client.capabilities, "clientInfo": info,
        });
        let answer = self.request("initialize", params, nothing).await.answer;
        assert_eq!(answer["result"]["protocolVersion"], self.way.version(), "{answer}");
        self.handshake = answer["result"].clone();
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        match &mut self.line {
            Line::Http { app, session, .. } => {
                assert!(!session.is_empty());
                let response = deliver(app, http_post(self.way, session, "", "", &initialized)).await;
                assert_eq!(response.status(), 202);
            }
            Line::Stdio(client) => client.write(&initialized.to_string()).await,
        }
        if let Some(level) = self.client.log_level {
            let answer = self.request("logging/setLevel", json!({"level": level}), nothing).await.answer;
            assert_eq!(answer["result"], json!({}));
        }
    }
}

/// For requests during which nothing is asked.
pub(crate) fn silent(method: &str, params: &Value) -> Value {
    panic!("asked for {method} with {params}")
}
