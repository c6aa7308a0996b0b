//! A narrator that prints every HTTP request of the parties, with its interesting parts and its answer.
//!
//! It is a layer around the parties' routers: what it shows are the real requests, and nobody has to report them.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal as _, Write};
use std::iter::successors;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, USER_AGENT, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

const MOST_BYTES: usize = 256 * 1024;
/// Limits a value on the screen, which anyone who sends a request writes on.
const LONGEST_VALUE: usize = 300;
/// Limits the text about a request and its answer, in bytes.
const LONGEST_TEXT: usize = 16 * 1024;
/// Limits the number of texts that are remembered to detect repetitions.
const MOST_TEXTS: usize = 1_000;
const INDENT: &str = "       ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    Browser,
    Client,
    AuthorizationServer,
    ProtectedServer,
    Enterprise,
    Calendar,
}

impl Party {
    /// Returns its `User-Agent`. The verifiers of the framework have their own.
    pub(crate) fn agent(self) -> &'static str {
        match self {
            Self::Browser => "three-parties-browser",
            Self::Client => "three-parties-client",
            Self::AuthorizationServer => "three-parties-authorization-server",
            Self::Enterprise => "three-parties-enterprise",
            // It sends nothing but the requests of its verifier.
            Self::Calendar => "three-parties-calendar",
            Self::ProtectedServer => "mcp/",
        }
    }

    fn of_request(headers: &HeaderMap) -> Option<Self> {
        let agent = headers.get(USER_AGENT)?.to_str().ok()?;
        if agent.starts_with("Mozilla/") {
            return Some(Self::Browser);
        }
        [Self::Browser, Self::Client, Self::AuthorizationServer, Self::Enterprise, Self::ProtectedServer]
            .into_iter()
            .find(|party| agent.starts_with(party.agent()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Client => "client",
            Self::AuthorizationServer => "authorization server",
            Self::ProtectedServer => "protected server",
            Self::Enterprise => "enterprise",
            Self::Calendar => "calendar",
        }
    }
}

pub(crate) struct Narrator {
    told: Mutex<Output>,
    colour: bool,
}

struct Output {
    out: Box<dyn Write + Send>,
    hops: usize,
    chapters: usize,
    /// The hops in which texts were printed, to the letter.
    before: HashMap<String, usize>,
}

impl Output {
    /// Returns the hop in which the same text was printed, or remembers this one.
    fn told_before(&mut self, text: &str) -> Option<usize> {
        let before = self.before.get(text).copied();
        if before.is_none() {
            if self.before.len() >= MOST_TEXTS {
                self.before.clear();
            }
            self.before.insert(text.to_owned(), self.hops);
        }
        before
    }
}

impl Narrator {
    pub(crate) fn on_stdout() -> Arc<Self> {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self::new(Box::new(io::stdout()), colour)
    }

    pub(crate) fn new(out: Box<dyn Write + Send>, colour: bool) -> Arc<Self> {
        Arc::new(Self { told: Mutex::new(Output { out, hops: 0, chapters: 0, before: HashMap::new() }), colour })
    }

    /// Returns the number of requests so far.
    pub(crate) fn hops(&self) -> usize {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).hops
    }

    /// Formats an error with its causes and the place where it happened.
    pub(crate) fn located(&self, error: &(dyn Error + 'static)) -> String {
        let mut text = format!("Stopped after request {}: {error}", self.hops());
        for cause in successors(error.source(), |&error| error.source()).map(ToString::to_string) {
            // Some say themselves what caused them.
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        text
    }

    pub(crate) fn chapter(&self, title: &str, about: &str) {
        self.tell(|told| {
            told.chapters += 1;
            format!("\n{}\n{about}\n", self.bold(&format!("── {}. {title} ", told.chapters)))
        });
    }

    pub(crate) fn say(&self, text: &str) {
        self.tell(|_| format!("\n{text}\n"));
    }

    /// Wraps a router so that its requests are printed.
    pub(crate) fn listening(self: &Arc<Self>, party: Party, router: Router) -> Router {
        let narrator = Arc::clone(self);
        router.layer(from_fn(move |request: Request, next: Next| {
            let narrator = Arc::clone(&narrator);
            async move { narrator.observe(party, request, next).await }
        }))
    }

    async fn observe(&self, receiver: Party, request: Request, next: Next) -> Response {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MOST_BYTES).await else { return refused(StatusCode::PAYLOAD_TOO_LARGE) };
        let sender = Party::of_request(&head.headers).map_or("somebody", Party::name);
        let mut hop = Hop { text: String::new(), colour: self.colour };
        let path = visible(head.uri.path());
        // The newest version of MCP says so in a header. Nothing else here answers such a call with a stream that ends.
        let calls = head.headers.get("mcp-method").is_some_and(|method| method == "tools/call");
        // What browsers fetch by themselves.
        let noise = path == "/style.css" || path == "/favicon.ico";
        let request_line = self.bold(&format!("{} {path}", head.method));
        hop.line(&request_line);
        hop.parameters(head.uri.query().unwrap_or_default());
        hop.headers(&head.headers, &[AUTHORIZATION]);
        hop.body(&head.headers, &body);

        let (answer, body) = next.run(Request::from_parts(head, Body::from(body))).await.into_parts();
        let status = answer.status;
        hop.line(&self.coloured(status));
        hop.headers(&answer.headers, &[LOCATION, WWW_AUTHENTICATE]);
        let body = if media_type(&answer.headers) == "text/event-stream" && !calls {
            body
        } else {
            let Ok(bytes) = to_bytes(body, MOST_BYTES).await else { return refused(StatusCode::INTERNAL_SERVER_ERROR) };
            hop.body(&answer.headers, &bytes);
            Body::from(bytes)
        };
        if !noise {
            self.tell(|told| {
                told.hops += 1;
                let heading = format!("\n{:>5}  {sender} → {}\n", told.hops, receiver.name());
                match told.told_before(&hop.text) {
                    Some(before) => format!("{heading}{INDENT}{request_line}, as in {before}\n"),
                    None => format!("{heading}{}", hop.text),
                }
            });
        }
        Response::from_parts(answer, body)
    }

    /// Prints a text. Errors are ignored, because the reader may have gone.
    fn tell(&self, text: impl FnOnce(&mut Output) -> String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let text = text(&mut told);
        let _ = told.out.write_all(text.as_bytes()).and_then(|()| told.out.flush());
    }

    fn bold(&self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn coloured(&self, status: StatusCode) -> String {
        let colour = match status.as_u16() {
            200..300 => 32,
            300..400 => 36,
            _ => 33,
        };
        if self.colour { format!("← \x1b[{colour}m{status}\x1b[0m") } else { format!("← {status}") }
    }
}

/// The text about a request and its answer.
struct Hop {
    text: String,
    colour: bool,
}

impl Hop {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{INDENT}{text}");
    }

    /// Adds a line with a name and a value, both of which anyone may have written.
    fn item(&mut self, name: &str, value: impl Display) {
        if self.text.len() > LONGEST_TEXT {
            return;
        }
        let (name, value) = (format!("{:<22}", visible(name)), visible(&value.to_string()));
        let name = if self.colour { format!("\x1b[2m{name}\x1b[0m") } else { name };
        let _ = writeln!(self.text, "{INDENT}  {name} {value}");
    }

    fn headers(&mut self, headers: &HeaderMap, interesting: &[HeaderName]) {
        for name in interesting {
            let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) else { continue };
            if *name == LOCATION {
                let (address, query) = value.split_once('?').unwrap_or((value, ""));
                self.item("Location", address);
                self.parameters(query);
            } else if *name == AUTHORIZATION {
                self.item("Authorization", authorization(value));
            } else {
                // A challenge: a parameter on each line.
                let mut parts = value.split(", ");
                self.item("WWW-Authenticate", parts.next().unwrap_or_default());
                parts.for_each(|part| self.item("", part));
            }
        }
    }

    /// Adds the parameters of a query or a form.
    fn parameters(&mut self, encoded: &str) {
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            self.value(&name, &value);
        }
    }

    fn value(&mut self, name: &str, value: &str) {
        self.item(name, shortened(name, value));
        if let Some((typ, claims)) = jwt(value) {
            self.item("", format!("└ a JWT of the type {typ}"));
            for (name, claim) in claims {
                self.item("", format!("  {name:<9} {claim}"));
            }
        }
    }

    fn body(&mut self, headers: &HeaderMap, body: &Bytes) {
        match media_type(headers) {
            "application/x-www-form-urlencoded" => self.parameters(&String::from_utf8_lossy(body)),
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(message)) if message.contains_key("jsonrpc") => self.message(&message),
                Ok(Value::Object(members)) => members.iter().for_each(|(name, value)| self.member(name, value)),
                _ => {}
            },
            "text/event-stream" => {
                let text = String::from_utf8_lossy(body);
                for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
                    if let Ok(Value::Object(message)) = serde_json::from_str(data) {
                        self.message(&message);
                    }
                }
            }
            "text/html" => {
                let html = String::from_utf8_lossy(body);
                let title = html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
                self.item("a page", format!("“{}”", shortened("title", title.map_or("", |(title, _)| title))));
            }
            _ => {}
        }
    }

    /// Adds a member of a JSON object, if it is of interest.
    fn member(&mut self, name: &str, value: &Value) {
        const INTERESTING: &[&str] = &[
            "access_token",
            "active",
            "aud",
            "authorization_endpoint",
            "authorization_servers",
            "client_id",
            "client_id_metadata_document_supported",
            "client_name",
            "code_challenge_methods_supported",
            "error",
            "error_description",
            "expires_in",
            "grant_types",
            "issued_token_type",
            "issuer",
            "jwks_uri",
            "keys",
            "redirect_uris",
            "refresh_token",
            "registration_endpoint",
            "resource",
            "scope",
            "scopes_supported",
            "sub",
            "token_endpoint",
            "token_endpoint_auth_method",
            "token_type",
        ];
        if !INTERESTING.contains(&name) {
            return;
        }
        match value {
            Value::String(text) => self.value(name, text),
            Value::Array(keys) if name == "keys" => {
                for key in keys {
                    let kid = key["kid"].as_str().unwrap_or_default();
                    self.item("key", format!("{} {}", key["alg"].as_str().unwrap_or_default(), shortened("kid", kid)));
                }
            }
            Value::Array(values) => {
                let texts: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                self.item(name, shortened(name, &texts.join(", ")));
            }
            other => self.item(name, other),
        }
    }

    /// Adds a message of MCP.
    fn message(&mut self, message: &Map<String, Value>) {
        if let Some(method) = message.get("method").and_then(Value::as_str) {
            let params = message.get("params").unwrap_or(&Value::Null);
            match params["name"].as_str() {
                Some(tool) => {
                    let arguments = params.get("arguments").unwrap_or(&Value::Null);
                    self.item(method, format!("{tool} {arguments}"));
                }
                None => self.item("method", method),
            }
        } else if let Some(error) = message.get("error") {
            self.item("error", &error["message"]);
        } else if let Some(result) = message.get("result") {
            for text in
                result["content"].as_array().into_iter().flatten().filter_map(|content| content["text"].as_str())
            {
                self.item("result", text);
            }
        }
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn authorization(value: &str) -> String {
    match value.split_once(' ') {
        Some(("Basic", encoded)) => {
            let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.unwrap_or_default();
            format!("Basic {}:••••", shortened("client_id", decoded.split(':').next().unwrap_or_default()))
        }
        Some((scheme, token)) => format!("{scheme} {}", shortened("access_token", token)),
        None => "••••".to_owned(),
    }
}

/// Escapes and truncates a text, so that it fills no screen and controls no terminal.
fn visible(text: &str) -> String {
    let mut characters = text.chars().filter(|c| !c.is_control());
    let shown = characters.by_ref().take(LONGEST_VALUE).collect();
    if characters.next().is_some() { shown + "…" } else { shown }
}

/// Truncates secrets and long random texts.
fn shortened(name: &str, value: &str) -> String {
    const SECRET: &[&str] = &[
        "access_token",
        "assertion",
        "code",
        "code_verifier",
        "csrf",
        "refresh_token",
        "request",
        "state",
        "subject_token",
        "token",
    ];
    let random = value.len() >= 40 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let length = value.chars().count();
    match name {
        "password" | "client_secret" => "••••".to_owned(),
        _ if (random || SECRET.contains(&name)) && length > 20 => {
            let (start, end) = (value.chars().take(6), value.chars().skip(length - 4));
            start.chain(['…']).chain(end).collect()
        }
        _ if SECRET.contains(&name) => "…".to_owned(),
        _ => value.to_owned(),
    }
}

/// Returns the type and the interesting claims of a text, if it is a JWT.
fn jwt(text: &str) -> Option<(String, Vec<(&'static str, String)>)> {
    let mut parts = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let (header, claims) = (parts.next()??, parts.next()??);
    let header: Value = serde_json::from_slice(&header).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let shown = ["iss", "sub", "aud", "client_id", "resource", "scope"];
    let shown = shown.into_iter().filter_map(|name| Some((name, shortened(name, claims[name].as_str()?)))).collect();
    Some((shortened("typ", header["typ"].as_str()?), shown))
}

fn refused(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_shortened() {
        assert_eq!(shortened("password", "x"), "••••");
        assert_eq!(shortened("state", "äöüäöüäöüäöüäöüäöüäöü"), "äöüäöü…üäöü");
        assert_eq!(shortened("code", "short"), "…");
        assert_eq!(shortened("client_id", "nightly-job"), "nightly-job");
        assert_eq!(authorization("Bearer short"), "Bearer …");
        assert_eq!(authorization("Basic bmlnaHRseS1qb2I6c2VjcmV0"), "Basic nightly-job:••••");
        assert_eq!(authorization("nonsense"), "••••");
    }

    #[test]
    fn nothing_that_others_write_controls_or_fills_the_terminal() {
        let mut hop = Hop { text: String::new(), colour: false };
        hop.parameters("a%1B%5B2Jb=%C2%9B2J%0D%0Ac");
        let call = json!({ "jsonrpc": "2.0", "method": "tools/call\u{9b}", "params":
            { "name": "\u{9b}add", "arguments": { "text": "\u{9b}2J\u{1b}" } } });
        hop.message(call.as_object().unwrap());
        hop.member("scope", &json!({ "deep": "\u{9b}" }));
        assert!(!hop.text.replace('\n', "").contains(char::is_control), "{:?}", hop.text);
        assert!(hop.text.contains("tools/call             add {\"text\":\"2J\\u001b\"}"), "{}", hop.text);

        hop.parameters(&format!("long={}", "a b".repeat(10_000)));
        assert!(hop.text.len() < 2 * LONGEST_VALUE, "{}", hop.text.len());
        hop.parameters(&"a=b&".repeat(10_000));
        assert!(hop.text.len() < 2 * LONGEST_TEXT, "{}", hop.text.len());
    }

    #[tokio::test]
    async fn an_error_says_where_and_why() {
        let narrator = Narrator::new(Box::new(io::sink()), false);
        // A port that nobody has is refused without asking anyone.
        let error =
            crate::http::builder(Party::Client).build().unwrap().get("http://127.0.0.1:0/?code=secret").send().await;
        let located = narrator.located(&error.unwrap_err().without_url());
        assert!(located.starts_with("Stopped after request 0: error sending request: "), "{located}");
        assert!(!located.contains("secret"), "{located}");
    }

    #[test]
    fn no_more_is_remembered_than_is_useful() {
        let mut told = Output { out: Box::new(io::sink()), hops: 1, chapters: 0, before: HashMap::new() };
        assert_eq!((told.told_before("a"), told.told_before("a")), (None, Some(1)));
        for number in 0..MOST_TEXTS {
            told.told_before(&number.to_string());
        }
        assert_eq!((told.before.len(), told.told_before("a")), (1, None));
    }

    #[test]
    fn what_a_token_says_is_shown() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let token = format!("{}.{}.c2ln", part(r#"{"typ":"at+jwt"}"#), part(r#"{"sub":"alice","exp":1}"#));
        assert_eq!(jwt(&token), Some(("at+jwt".to_owned(), vec![("sub", "alice".to_owned())])));
        assert_eq!(jwt("http://127.0.0.1:1/a.b"), None);
    }
}
