//! The record of a request that is over.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::protocol::error::{Error, Kind};

/// The record of a request that is over: who called what, and how it ended.
///
/// Each JSON-RPC request has one record, made when the request ends for whatever reason. Each message of a batch has its
/// own. An HTTP request that is refused before its message is read has one without a method. Notifications have none.
///
/// A call that becomes a [task](crate::Context::start_task) has two: that of the request, with the outcome
/// [`Task`](RequestOutcome::Task), and that of the task's end.
///
/// Nothing of a record is sent to the client. It has neither a token nor the value of an argument, except for a URI.
///
/// ```
/// use mcp::{Audit, RequestRecord};
///
/// /// Prints a line for each request, such as `127.0.0.1:40112 alice tools/call add_note ok 12 ms`.
/// struct AccessLog;
///
/// impl Audit for AccessLog {
///     fn ended(&self, record: &RequestRecord<'_>) {
///         let peer = record.peer.map_or_else(|| "-".to_owned(), |peer| peer.to_string());
///         let caller = record.subject.or(record.client_id).unwrap_or("-");
///         let target = record.tool.or(record.prompt).or(record.resource).unwrap_or("-");
///         let (method, duration) = (record.method.unwrap_or("-"), record.duration.as_millis());
///         println!("{peer} {caller} {method} {target:?} {} {duration} ms", record.outcome);
///     }
/// }
///
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// let http = mcp::Http::open(Notes).audit(AccessLog);
/// # let _ = http;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RequestRecord<'a> {
    /// The end of the request.
    pub outcome: RequestOutcome,
    /// The time from the arrival of the request to its end; for a task, from the begin of its call.
    pub duration: Duration,
    /// The JSON-RPC method, if the message was read.
    ///
    /// It is the client's text, known to the server or not, and truncated to 128 characters.
    pub method: Option<&'a str>,
    /// The tool of a `tools/call`, truncated to 128 characters.
    pub tool: Option<&'a str>,
    /// The prompt of a `prompts/get`, truncated to 128 characters.
    pub prompt: Option<&'a str>,
    /// The URI of a `resources/read` or `resources/subscribe`, truncated to 128 characters.
    pub resource: Option<&'a str>,
    /// The name of the tool or prompt, or the URI or template of the resource, as the server declares it.
    ///
    /// Absent if the server has no such item. Label metrics with this: clients cannot invent further values.
    pub item: Option<&'a str>,
    /// The id of the request as JSON, unique among the running requests of one session.
    pub id: Option<&'a str>,
    /// The digest of the session's id, for an HTTP session of a version before 2026-07-28.
    pub session: Option<&'a str>,
    /// The id of the trace, if the client sent one.
    pub trace_id: Option<&'a str>,
    /// The other end of the connection: the client, or a proxy.
    ///
    /// Known to [`serve`](crate::Http::serve), and to an axum app that is served with
    /// `into_make_service_with_connect_info::<SocketAddr>()`. Headers such as `Forwarded` have no effect, because every
    /// client can send them.
    pub peer: Option<SocketAddr>,
    /// The user that the token names, by the issuer's name.
    pub subject: Option<&'a str>,
    /// The OAuth client of the token.
    pub client_id: Option<&'a str>,
    /// The authorization server that the token names.
    pub issuer: Option<&'a str>,
    /// Set in the record of a task's end.
    pub is_task_end: bool,
}

/// The end of a request.
///
/// [`as_str`](Self::as_str) has few values, so that metrics can count by it:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use mcp::{Audit, MemoryClient, RequestRecord};
///
/// /// The number of requests and their time, by item and outcome.
/// #[derive(Clone, Default)]
/// struct Metrics(Arc<Mutex<HashMap<(String, &'static str), (u64, Duration)>>>);
///
/// impl Audit for Metrics {
///     fn ended(&self, record: &RequestRecord<'_>) {
///         let Ok(mut counts) = self.0.lock() else { return };
///         let item = record.item.unwrap_or("other").to_owned();
///         let (count, time) = counts.entry((item, record.outcome.as_str())).or_default();
///         *count += 1;
///         *time += record.duration;
///     }
/// }
///
/// # struct Calculator;
/// # #[mcp::server]
/// # impl Calculator {
/// #     /// Add two numbers.
/// #     #[mcp::tool]
/// #     fn add(&self, a: i64, b: i64) -> i64 { a + b }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// let metrics = Metrics::default();
/// let client = MemoryClient::new(Calculator).audit(metrics.clone());
/// client.call_tool("add", serde_json::json!({"a": 1, "b": 2})).await?;
/// client.call_tool("add", serde_json::json!({"a": "one"})).await?;
/// let counts = metrics.0.lock().unwrap();
/// assert_eq!(counts[&("add".to_owned(), "ok")].0, 1);
/// assert_eq!(counts[&("add".to_owned(), "tool_error")].0, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestOutcome {
    /// The client got a result.
    Ok,
    /// The model got an error of a tool: a result with `isError`.
    ToolError,
    /// The client got a JSON-RPC error with this code.
    Error(i32),
    /// The client got questions, and repeats the request with its answers.
    InputRequired,
    /// The client got a task, whose end has a record of its own.
    Task,
    /// The caller was denied, by a guard or by the method.
    Denied,
    /// The token lacks scopes (403).
    InsufficientScope,
    /// The user has to sign in again, because another API needs it (403).
    SignInRequired,
    /// A guard could not decide, or another API was not available (503).
    Undecided,
    /// The caller has to wait (429).
    RateLimited,
    /// The method took longer than its `timeout`.
    TimedOut,
    /// The client cancelled the request or disconnected, or the server stopped.
    Cancelled,
    /// The method panicked.
    Panicked,
    /// The request was refused with this HTTP status, before its message was read or for lack of room.
    Refused(u16),
}

impl RequestOutcome {
    /// Returns a name for logs and metrics, such as `tool_error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool_error",
            Self::Error(_) => "error",
            Self::InputRequired => "input_required",
            Self::Task => "task",
            Self::Denied => "denied",
            Self::InsufficientScope => "insufficient_scope",
            Self::SignInRequired => "sign_in_required",
            Self::Undecided => "undecided",
            Self::RateLimited => "rate_limited",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
            Self::Refused(_) => "refused",
        }
    }

    /// Returns the code of a JSON-RPC error.
    #[must_use]
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Error(code) => Some(code),
            _ => None,
        }
    }

    /// Returns the HTTP status of a refusal.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Refused(status) => Some(status),
            _ => None,
        }
    }
}

impl RequestOutcome {
    /// Returns the outcome of a tool whose error the model reads.
    pub(crate) fn of_tool(error: &Error) -> Self {
        match error.into() {
            Self::Error(_) => Self::ToolError,
            other => other,
        }
    }
}

impl From<&Error> for RequestOutcome {
    fn from(error: &Error) -> Self {
        match error.kind() {
            Kind::Denied | Kind::Absent | Kind::Hidden(_) => Self::Denied,
            Kind::Scopes(_) => Self::InsufficientScope,
            Kind::SignIn { .. } => Self::SignInRequired,
            Kind::Undecided => Self::Undecided,
            Kind::Overloaded => Self::Refused(503),
            Kind::RateLimited(_) => Self::RateLimited,
            Kind::Panic => Self::Panicked,
            Kind::Timeout => Self::TimedOut,
            Kind::Protocol(_) | Kind::NotFound | Kind::Tool | Kind::Masked | Kind::Unaskable(_) => {
                error.code().map_or(Self::ToolError, Self::Error)
            }
        }
    }
}

impl fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
