//! The servers under test, and who may call them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use mcp::{AccessToken, Http, Json, Limits, TokenError, TokenVerifier};
use tokio::sync::{Notify, mpsc};

/// The resource of [`Notes`].
pub(crate) const RESOURCE: &str = "http://127.0.0.1:8000/mcp";

/// Returns the default limits after a change.
pub(crate) fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// A protected server.
#[derive(Default)]
pub(crate) struct Notes {
    texts: Mutex<Vec<String>>,
}

#[mcp::server(
    name = "notes",
    title = "Notebook",
    version = "1.2.3",
    instructions = "Keep notes.",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write", "notes:admin"],
    hierarchy = ["notes:admin" > "notes:write" > "notes:read"],
)]
impl Notes {
    /// List every note in the notebook.
    #[mcp::tool(read_only, title = "List notes")]
    async fn list_notes(&self) -> Vec<String> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Add a note to the notebook.
    #[mcp::tool(scopes = ["notes:write"])]
    async fn add_note(
        &self,
        /// The text of the note.
        #[arg(length = 1..=10)]
        text: String,
        /// The number of copies.
        #[arg(default = 1, range = 1..=5)]
        copies: u8,
        token: &AccessToken,
    ) -> Result<String, mcp::Error> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.extend((0..copies).map(|_| text.clone()));
        Ok(format!("{} added {copies} of {text:?}", token.client_id))
    }

    /// Report which OAuth client is calling, in three ways.
    #[mcp::tool]
    async fn whoami(&self, token: Option<&AccessToken>) -> String {
        let before = current();
        tokio::task::yield_now().await;
        format!("{} {before} {}", token.map_or("anonymous", |token| &token.client_id), current())
    }

    /// Report it from a method that is not async.
    #[mcp::tool]
    fn whoami_sync(&self, token: Option<&AccessToken>) -> String {
        format!("{} {}", token.map_or("anonymous", |token| &token.client_id), current())
    }

    /// Report it from a method that blocks.
    #[mcp::tool(blocking)]
    fn whoami_blocking(&self, token: Option<&AccessToken>) -> String {
        format!("{} {}", token.map_or("anonymous", |token| &token.client_id), current())
    }

    /// Report it where there must be a token.
    #[mcp::tool]
    fn whoami_surely(&self, token: &AccessToken) -> String {
        format!("{token:?}")
    }

    /// Report what the request carried.
    #[mcp::tool]
    fn inspect(&self, parts: &http::request::Parts) -> String {
        let extension = parts.extensions.get::<&'static str>();
        let headers: Vec<_> = parts.headers.keys().map(http::HeaderName::as_str).collect();
        format!("{} {} {extension:?} {}", parts.method, parts.uri, headers.join(" "))
    }
}

fn current() -> String {
    mcp::access_token().map_or_else(|| "anonymous".to_owned(), |token| token.client_id.clone())
}

/// Knows some tokens, and is down or broken for others.
pub(crate) struct Verifier;

impl TokenVerifier for Verifier {
    fn verify_token(&self, token: &str) -> impl Future<Output = Result<AccessToken, TokenError>> + Send {
        assert!(token != "crash-early-token", "the verifier makes no future");
        async move {
            let read = AccessToken::ours("alice").with_scopes(["notes:read"]);
            Ok(match token {
                "alice-token" => read,
                "bob-token" => AccessToken::ours("bob").with_scopes(["notes:write", "notes:read"]),
                "admin-token" => AccessToken::ours("admin").with_scopes(["notes:admin"]),
                "narrow-token" => AccessToken::ours("narrow").with_scopes(["notes:readonly", "NOTES:READ"]),
                "expired-token" => AccessToken::ours("alice").with_expires_at(SystemTime::UNIX_EPOCH),
                "lasting-token" => read.with_expires_at(SystemTime::now() + Duration::from_secs(3600)),
                "foreign-token" => AccessToken::issued_for(["http://127.0.0.1:8000/mcp/", "https://other"], "alice"),
                "fitting-token" => {
                    let audience = ["https://other", "http://127.0.0.1:8000/mcp"];
                    AccessToken::issued_for(audience, "alice").with_scopes(["notes:read"])
                }
                "aimless-token" => AccessToken::issued_for([""; 0], "alice").with_scopes(["notes:read"]),
                "issued-token" => read.with_issuer("https://auth.example.com"),
                "nearly-issued-token" => read.with_issuer("https://auth.example.com/"),
                "elsewhere-token" => read.with_issuer("https://login.example.com/"),
                "down-token" => {
                    let lost = TokenError::unavailable("connection to introspection lost");
                    return Err(lost.retry_after(Duration::from_millis(1500)));
                }
                "crash-token" => panic!("the verifier is broken"),
                numbered => match numbered.strip_prefix("client-") {
                    Some(_) => AccessToken::ours(numbered).with_scopes(["notes:read"]),
                    None => return Err(TokenError::invalid("no row in table tokens_v2")),
                },
            })
        }
    }
}

pub(crate) fn notes_app() -> Router {
    Http::protected(Notes::default(), Verifier).router()
}

/// An open server that does what servers do at their worst.
pub(crate) struct Workshop {
    events: mpsc::UnboundedSender<&'static str>,
    release: Arc<Notify>,
    calls: AtomicUsize,
}

/// The other end of a [`Workshop`]: its events, and its levers.
pub(crate) struct Observer {
    pub(crate) events: mpsc::UnboundedReceiver<&'static str>,
    /// Lets `wait` return.
    pub(crate) release: Arc<Notify>,
}

impl Workshop {
    pub(crate) fn new() -> (Self, Observer) {
        let (sender, events) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        (
            Self { events: sender, release: Arc::clone(&release), calls: AtomicUsize::new(0) },
            Observer { events, release },
        )
    }

    pub(crate) fn app() -> Router {
        Http::open(Self::new().0).router()
    }
}

/// Says so when it goes, whatever the reason.
struct Guard<'a>(&'a mpsc::UnboundedSender<&'static str>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[derive(serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Measurement {
    celsius: f64,
    station: String,
}

/// Raw JSON, as a program gets it from elsewhere.
#[derive(serde::Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub(crate) struct Foreign {
    #[schemars(with = "serde_json::Value")]
    json: Box<serde_json::value::RawValue>,
}

#[mcp::server(name = "workshop", version = "0.0.1")]
impl Workshop {
    /// Repeat a text.
    #[mcp::tool]
    fn echo(&self, text: String) -> String {
        text
    }

    /// Count the calls.
    #[mcp::tool]
    fn count(&self) -> usize {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Wait until it is let go.
    #[mcp::tool]
    async fn wait(&self) -> &'static str {
        let _guard = Guard(&self.events);
        let _ = self.events.send("started");
        self.release.notified().await;
        "released"
    }

    /// Panic in a future.
    #[mcp::tool]
    async fn panic_async(&self) -> String {
        tokio::task::yield_now().await;
        panic!("secret of the async tool")
    }

    /// Panic at once.
    #[mcp::tool]
    fn panic_sync(&self) -> String {
        panic!("secret of the sync tool")
    }

    /// Panic on another thread.
    #[mcp::tool(blocking)]
    fn panic_blocking(&self) -> String {
        panic!("secret of the blocking tool")
    }

    /// Measure the temperature.
    #[mcp::tool(read_only)]
    fn measure(&self) -> Json<Measurement> {
        Json(Measurement { celsius: 22.5, station: "roof".to_owned() })
    }

    /// Count to three.
    #[mcp::tool]
    fn numbers(&self) -> Json<Vec<u8>> {
        Json(vec![1, 2, 3])
    }

    /// Pass on a document with line breaks.
    #[mcp::tool]
    fn foreign(&self) -> Result<Json<Foreign>, mcp::Error> {
        let json = serde_json::value::RawValue::from_string("{\n\t\"a\": \"b\\nc\"\r\n}".to_owned());
        json.map(|json| Json(Foreign { json })).map_err(|error| mcp::Error::internal(error.to_string()))
    }

    /// Point to a file.
    #[mcp::tool]
    fn link(&self) -> mcp::ResourceLink {
        mcp::ResourceLink::new("file:///a.txt", "a")
    }

    /// Fail in a way of your choice.
    #[mcp::tool]
    fn fail(&self, how: String) -> Result<String, mcp::Error> {
        Err(match how.as_str() {
            "tool" => mcp::Error::tool("try another one"),
            "params" => mcp::Error::invalid_params("no such thing").data(&["a", "b"]),
            "internal" => mcp::Error::internal("broken"),
            _ => mcp::Error::new(1001, "closed today"),
        })
    }

    /// Take arguments of many kinds.
    #[mcp::tool]
    fn many(
        &self,
        #[arg(range = 1..=5)] stars: u8,
        #[arg(length = 2..=3)] word: String,
        #[arg(length = 1..)] list: Vec<i64>,
        #[arg(pattern = "^[a-z]+$")] slug: Option<String>,
        #[arg(default = 0.5, range = 0.0..1.0)] share: f64,
        any: Option<serde_json::Value>,
    ) -> String {
        format!("{stars} {word} {list:?} {slug:?} {share} {any:?}")
    }
}

/// The end of a result of [`Workshop`] in protocol 2026-07-28.
pub(crate) const WORKSHOP_TAIL: &str =
    r#""resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"workshop","version":"0.0.1"}}"#;

/// The definitions of all tools, as every version has them but for titles.
pub(crate) fn definitions(title: &str) -> String {
    let empty = |name: &str, description: &str| {
        format!(
            r#"{{"name":"{name}","description":"{description}","inputSchema":{{"type":"object","properties":{{}}}}}}"#
        )
    };
    let tools = [
        format!(r#"{{"name":"list_notes",{title}"description":"List every note in the notebook.","inputSchema":{{"type":"object","properties":{{}}}},"annotations":{{"readOnlyHint":true}}}}"#),
        r#"{"name":"add_note","description":"Add a note to the notebook.","inputSchema":{"type":"object","properties":{"text":{"description":"The text of the note.","maxLength":10,"minLength":1,"type":"string"},"copies":{"default":1,"description":"The number of copies.","maximum":5,"minimum":1,"type":"integer"}},"required":["text"]}}"#.to_owned(),
        empty("whoami", "Report which OAuth client is calling, in three ways."),
        empty("whoami_sync", "Report it from a method that is not async."),
        empty("whoami_blocking", "Report it from a method that blocks."),
        empty("whoami_surely", "Report it where there must be a token."),
        empty("inspect", "Report what the request carried."),
    ];
    tools.join(",")
}
