//! The request that a method serves, and its client.

pub(crate) mod ask;
pub(crate) mod extracted;
pub(crate) mod head;
pub(crate) mod request;

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::Span;

#[cfg(feature = "exchange")]
use self::head::end_of_request;
use self::head::{HttpParts, account_of, has_trace_header, trace_of};
use super::asking::fingerprint::RequestFingerprint;
use super::asking::form::{Form, FormSchema};
use super::asking::open_questions::OpenQuestions;
use super::asking::question::Question;
use super::asking::rounds::Rounds;
use super::asking::{Asker, Route};
use super::changes::{Changes, ServerHandle};
use super::exchange::Outbox;
use super::record::span::TraceContext;
use super::shared::Shared;
use super::tasks::slot::TaskSlot;
use super::tasks::task::Task;
use crate::auth::audit::Auditor;
use crate::budget::{AccountKey, Permit};
use crate::json::truncate::truncated;
use crate::latch::Latch;
use crate::lock::locked;
use crate::protocol::client::{ClientCapabilities, ClientInfo, TASKS};
use crate::protocol::elicitation::Answer;
use crate::protocol::error::Error;
use crate::protocol::logging::{LogLevel, LogMessage};
use crate::protocol::message::Request;
use crate::protocol::progress::{Progress, ProgressParams};
use crate::protocol::response::notification;
use crate::protocol::version::ProtocolVersion;

/// The request that a method serves, and its client.
///
/// Tools, resources, prompts and completions take the context as `cx: &Context`. They use it to report progress, send
/// log messages, ask the client, announce changes, and read the metadata of the request.
///
/// ```
/// use mcp::{Context, LogLevel, Progress};
///
/// struct Archive;
///
/// #[mcp::server]
/// impl Archive {
///     /// Import a number of files.
///     #[mcp::tool]
///     async fn import(&self, files: u32, cx: &Context) -> Result<String, mcp::Error> {
///         for done in 1..=files {
///             cx.progress(Progress::new(done.into()).total(files.into()));
///         }
///         cx.log(LogLevel::Info, serde_json::json!({"imported": files}));
///         Ok(format!("Imported {files} files"))
///     }
/// }
/// ```
pub struct Context {
    pub(crate) version: ProtocolVersion,
    pub(crate) outbox: Outbox,
    server: Arc<dyn ServerHandle>,
    /// The caller and the whole message, which is parsed again on demand.
    fingerprint: RequestFingerprint,
    info: OnceLock<Option<ClientInfo>>,
    capabilities: ClientCapabilities,
    metadata: Metadata,
    progress: Option<ProgressReporter>,
    log_level: Option<LogLevel>,
    /// The permission to ask, which only some methods of the protocol have.
    can_ask: bool,
    /// The sender of questions, created on the first question or with the answers of an earlier round.
    asker: OnceLock<Arc<Asker>>,
    /// The open questions of the connection, for a client of an older version.
    questions: Option<Arc<OpenQuestions>>,
    ended: Latch,
    /// Set while a guard or a part of the request can refuse the call.
    undecided: AtomicBool,
    pub(crate) parts: Option<Arc<HttpParts>>,
    pub(crate) span: Span,
    /// The name of the session in logs.
    pub(super) session: Option<String>,
    pub(super) peer: Option<SocketAddr>,
}

/// The `_meta` of a request, parsed from its message on demand, and the trace of the request.
struct Metadata {
    trace: OnceLock<Option<TraceContext>>,
    /// Set if there is a trace in `_meta`.
    is_traced: bool,
}

impl Metadata {
    fn new(is_traced: bool) -> Self {
        Self { trace: OnceLock::new(), is_traced }
    }

    /// Returns the trace in `_meta`, or else that in the headers.
    fn trace(&self, message: &[u8], parts: Option<&HttpParts>) -> Option<&TraceContext> {
        if !self.is_traced && !parts.is_some_and(has_trace_header) {
            return None;
        }
        let of_meta = || if self.is_traced { TraceContext::of_message(message) } else { None };
        self.trace.get_or_init(|| of_meta().or_else(|| trace_of(parts?))).as_ref()
    }
}

/// The token of a request for progress, and the last value sent.
struct ProgressReporter {
    /// The token as the client wrote it: a text or a number.
    token: Box<RawValue>,
    last: Mutex<Option<f64>>,
}

/// Messages to the client.
impl Context {
    /// Reports progress to the client, if the client asked for it.
    ///
    /// Progress must grow: a value that is not finite, or not above the last one, is dropped.
    ///
    /// ```
    /// # use mcp::{Context, Progress};
    /// fn report(cx: &Context) {
    ///     cx.progress(50.0);
    ///     cx.progress(Progress::new(75.0).total(100.0).message("nearly done"));
    /// }
    /// ```
    pub fn progress(&self, progress: impl Into<Progress>) {
        let progress = progress.into();
        if let Some(task) = self.begun_task() {
            return progress.message.into_iter().for_each(|message| task.set_message(message));
        }
        let Some(ProgressReporter { token, last }) = &self.progress else { return };
        let mut last = locked(last);
        if progress.is_finite() && last.is_none_or(|last| progress.progress > last) {
            *last = Some(progress.progress);
            let params = ProgressParams { progress_token: token, progress: &progress };
            self.outbox.send_or_drop(notification("notifications/progress", &params), || self.buffer());
        }
    }

    /// Sends a log message to the client: any value that serializes.
    ///
    /// The message is sent only if the client wants its level; see [`logs`](Self::logs). A value without a JSON form is
    /// dropped.
    ///
    /// People unknown to the server may read the log of the client. Do not log secrets.
    ///
    /// ```
    /// # use mcp::{Context, LogLevel};
    /// fn report(cx: &Context) {
    ///     cx.log(LogLevel::Warning, "the disk is nearly full");
    ///     cx.log(LogLevel::Debug, serde_json::json!({"rows": 7, "cached": true}));
    /// }
    /// ```
    pub fn log(&self, level: LogLevel, data: impl Serialize) {
        if self.logs(level)
            && self.task().begun().is_none()
            && let Ok(data) = serde_json::value::to_raw_value(&data)
        {
            let message = notification("notifications/message", &LogMessage { level, data });
            self.outbox.send_or_drop(message, || self.buffer());
        }
    }

    /// Returns `true` if the client wants log messages of this level.
    ///
    /// Clients set a level in each request since 2026-07-28, and with `logging/setLevel` before. Without a level, the
    /// client gets no messages.
    #[must_use]
    pub fn logs(&self, level: LogLevel) -> bool {
        self.log_level.is_some_and(|least| level >= least)
    }

    /// Closes the stream of this request, so that it holds no connection.
    ///
    /// The client reconnects later, and receives the buffered rest. This works in protocol 2025-11-25 only; in other
    /// versions, the call has no effect.
    pub fn close_stream(&self) {
        if self.version == ProtocolVersion::V2025_11_25 {
            self.outbox.close_stream();
        }
    }
}

/// Metadata of the request.
impl Context {
    /// Returns the name and version of the client, if the client sent them.
    #[must_use]
    pub fn client(&self) -> Option<&ClientInfo> {
        let declared = || {
            let request = Request::read_again(self.message())?;
            request.params.client_info_of_request().map(ClientInfo::from)
        };
        self.info.get_or_init(declared).as_ref()
    }

    /// Returns the capabilities of the client, such as elicitation and sampling.
    #[must_use]
    pub fn capabilities(&self) -> &ClientCapabilities {
        &self.capabilities
    }

    /// Returns the protocol version of the request, such as `2026-07-28`.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        self.version.as_str()
    }

    /// Reads the `_meta` of the request into a type of yours, which may skip some members.
    ///
    /// It is kept as text, and parsed by each call. A `serde_json::Map<String, serde_json::Value>` has all members, with
    /// those of the protocol.
    ///
    /// ```
    /// use mcp::Context;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Meta {
    ///     #[serde(rename = "com.example/tenant")]
    ///     tenant: Option<String>,
    /// }
    ///
    /// fn tenant(cx: &Context) -> Result<Option<String>, mcp::Error> {
    ///     Ok(cx.meta::<Meta>()?.tenant)
    /// }
    /// ```
    ///
    /// # Errors
    /// A member is missing or has another type, or the `_meta` is longer than 64 KiB. The error is about the params of the
    /// client (-32602).
    pub fn meta<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Request::meta(self.message())
    }

    /// Returns the trace of the request, if the client sent a valid one.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.metadata.trace(self.message(), self.parts.as_deref())
    }

    /// Returns the extensions of the HTTP request, set by layers around the server.
    ///
    /// Other transports have none, and return `None`.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn extensions(&self) -> Option<&http::Extensions> {
        self.parts.as_ref().map(|parts| &parts.extensions)
    }
}

/// The most common question. The others are in `ask.rs`.
// Here, so that rustc calls it `mcp::Context::elicit`: it names a method by the module of its `impl`.
impl Context {
    /// Asks the user to fill in a form with the fields of `T`.
    ///
    /// `T` is a struct of texts, numbers, booleans, enums without data, lists of such enums, and `Option`s of these.
    /// The form includes what `schemars` knows: doc comments, `#[schemars(length(max = 20), email)]`,
    /// `#[serde(default)]`.
    ///
    /// Do not ask for passwords or other secrets in a form; use [`elicit_url`](Self::elicit_url).
    ///
    /// ```
    /// # use mcp::{Answer, Context};
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirmation {
    ///     /// Delete it for good?
    ///     confirm: bool,
    /// }
    ///
    /// async fn delete(name: &str, cx: &Context) -> Result<String, mcp::Error> {
    ///     let question = cx.elicit::<Confirmation>("confirm", format!("Delete {name}?"));
    ///     match question.await? {
    ///         Answer::Accepted(Confirmation { confirm: true }) => Ok(format!("Deleted {name}")),
    ///         _ => Ok(format!("Kept {name}")),
    ///     }
    /// }
    /// ```
    ///
    /// Needs the capability `elicitation.form`.
    pub fn elicit<T: Form>(&self, key: impl Into<String>, message: impl AsRef<str>) -> Question<Answer<T>> {
        self.ask_form(key.into(), message.as_ref(), FormSchema::of::<T>(), |content| {
            T::deserialize(Value::Object(content)).map_err(|error| truncated(&error.to_string()).to_owned())
        })
    }
}

/// Changes of the server.
impl Context {
    /// Returns the handle that changes the offer and announces changes.
    ///
    /// ```
    /// # use mcp::Context;
    /// fn rename(id: u64, cx: &Context) {
    ///     // …
    ///     cx.changes().resource_updated(format!("notes://{id}"));
    /// }
    /// ```
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes::new(Arc::clone(&self.server))
    }
}

/// Cancellation.
impl Context {
    /// Completes when the client cancels the request or disconnects.
    ///
    /// An `async` method is dropped then, at its next `await`. Use this for work that the method spawned. A `blocking`
    /// method polls [`is_cancelled`](Self::is_cancelled) instead.
    pub async fn cancelled(&self) {
        self.ended.wait().await;
    }

    /// Returns `true` if the client cancelled the request or disconnected.
    ///
    /// ```
    /// # use mcp::Context;
    /// # struct Primes;
    /// # #[mcp::server]
    /// # impl Primes {
    /// /// Count the primes below a number.
    /// #[mcp::tool(blocking)]
    /// fn count(&self, limit: u64, cx: &Context) -> usize {
    ///     let is_prime = |n: &u64| (2..*n).all(|d| n % d != 0);
    ///     (2..limit).take_while(|_| !cx.is_cancelled()).filter(is_prime).count()
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.ended.is_true()
    }

    /// Returns a guard that ends the context when it is dropped, unless a task continues.
    pub(crate) fn end_with_request(&self) -> impl Drop + use<'_> {
        EndGuard { cx: self, task: false }
    }

    /// Returns a guard that ends the context when it is dropped, for the work of a task, too.
    pub(super) fn end_with_task(&self) -> impl Drop + use<'_> {
        EndGuard { cx: self, task: true }
    }
}

/// The end of the context at the end of a request or its task.
struct EndGuard<'c> {
    cx: &'c Context,
    task: bool,
}

impl Drop for EndGuard<'_> {
    fn drop(&mut self) {
        self.cx.decided();
        if self.task || self.cx.begun_task().is_none() {
            self.cx.ended.set();
        } else {
            // The task goes on with the head of its request.
            #[cfg(feature = "exchange")]
            if let Some(parts) = &self.cx.parts {
                end_of_request(parts);
            }
        }
    }
}

/// Tasks.
impl Context {
    /// Continues the call as a task (the extension `io.modelcontextprotocol/tasks`).
    ///
    /// The client gets the task as the result at once, polls its status, and receives the result of the method at the
    /// end. Only tools with `#[mcp::tool(task)]` can become tasks.
    ///
    /// Returns `true` if the call is a task now. If the client does not support tasks, returns `false`, and the method
    /// continues as a usual call. `#[mcp::tool(task = "required")]` refuses such clients before the method runs.
    ///
    /// In a task:
    ///
    /// - The message of [`progress`](Self::progress) is the status message of the task.
    /// - Log messages are dropped.
    /// - Questions are answered while the task runs. Ask before `start_task` if the task must not begin without the
    ///   answer.
    /// - If the client cancels the task, the method is dropped at its next `await`.
    ///
    /// ```
    /// # use mcp::{Context, Progress};
    /// # struct Reports;
    /// # #[mcp::server]
    /// # impl Reports {
    /// /// Write the yearly report.
    /// #[mcp::tool(task)]
    /// async fn report(&self, year: u16, cx: &Context) -> Result<String, mcp::Error> {
    ///     cx.start_task()?;
    ///     for month in 1..=12 {
    ///         cx.progress(Progress::new(month.into()).total(12.0).message(format!("month {month}")));
    ///         // …
    ///     }
    ///     Ok(format!("The report of {year}"))
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// Too many tasks exist, or the tool is not annotated with `task`.
    pub fn start_task(&self) -> Result<bool, Error> {
        self.task().begin(self.shared().tasks())
    }

    /// Returns the state of the server that outlives the request.
    pub(super) fn shared(&self) -> &Shared {
        self.server.shared()
    }

    /// Returns a permit for bytes that are buffered for the caller, at first for none.
    fn buffer(&self) -> Permit {
        self.shared().budget().buffered.empty(self.account())
    }

    /// Returns the account of the caller.
    pub(super) fn account(&self) -> Option<AccountKey> {
        account_of(self.shared(), self.fingerprint.token(), self.parts.as_deref())
    }

    /// Delays the stream of a silent request until its verdict.
    pub(super) fn await_verdict(&self) {
        self.undecided.store(true, Ordering::Relaxed);
        self.outbox.hold();
    }

    /// Ends the delay, because the request is allowed or over.
    pub(super) fn decided(&self) {
        if self.undecided.load(Ordering::Relaxed) && self.undecided.swap(false, Ordering::Relaxed) {
            self.outbox.release();
        }
    }

    /// Returns the whole message of the request.
    pub(super) fn message(&self) -> &Bytes {
        self.fingerprint.message()
    }

    /// Returns the reports to the operator.
    pub(super) fn auditor(&self) -> Auditor {
        self.shared().auditor()
    }

    /// Completes when the method has worked for so long. Waits for the client do not count.
    pub(super) async fn run_out(&self, limit: Duration) {
        self.asker().waits.run_out(limit).await;
    }

    /// Returns the slot in which the call can become a task.
    pub(super) fn task(&self) -> &TaskSlot {
        &self.asker().task
    }

    /// Returns the task that the call became.
    pub(super) fn begun_task(&self) -> Option<&Arc<Task>> {
        self.asker.get()?.task.begun()
    }

    /// Returns `true` if the client supports tasks.
    pub(super) fn has_tasks(&self) -> bool {
        self.version.is_modern() && self.capabilities.has_extension(TASKS)
    }

    /// Returns the sender of questions, and creates it on first use.
    fn asker(&self) -> &Arc<Asker> {
        self.asker.get_or_init(|| {
            let route = match &self.questions {
                _ if !self.can_ask => Route::Forbidden,
                _ if self.version.is_modern() => Route::Rounds(Box::new(Rounds::first(self.fingerprint.clone()))),
                Some(questions) => Route::Connection(Arc::clone(questions), Box::new(self.buffer())),
                None => Route::Unreachable,
            };
            Asker::new(route, self.outbox.clone(), self.shared().question_timeout())
        })
    }
}

/// The output contains nothing that the client sent.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("version", &self.version)
            .field("can_ask", &self.can_ask)
            .finish_non_exhaustive()
    }
}
