//! What a method knows about the request that it serves, and how it talks to the client meanwhile.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tracing::Span;

use super::asking::form::{Form, FormSchema};
use super::asking::question::{self, Question, Questions};
use super::asking::state::Origin;
use super::asking::{Asker, Asking, InputRequest, Pending, Rounds, read};
use super::changes::{Changes, OfferEditor};
use super::exchange::Outbox;
use super::record::span::{TraceContext, Traced};
use super::shared::Shared;
use super::tasks::{Task, TaskSlot};
use crate::auth::AccessToken;
use crate::json::truncate::truncated;
use crate::latch::Latch;
use crate::lock::locked;
use crate::protocol::client::{Client, ClientCapabilities, ClientInfo, TASKS};
use crate::protocol::elicitation::{Answer, ElicitResult, FormParams, UrlParams};
use crate::protocol::error::Error;
use crate::protocol::logging::{LogLevel, LogMessage};
use crate::protocol::message::Request;
use crate::protocol::progress::{Progress, ProgressParams};
use crate::protocol::response::{ResultBody, notification};
use crate::protocol::roots::{ListRootsResult, Root};
use crate::protocol::sampling::{Sampling, SamplingResult};
use crate::protocol::version::ProtocolVersion;
use crate::seal::random_id;

/// Everything about a request but its message: what borrowed parameters are taken from.
#[doc(hidden)]
#[derive(Debug)]
pub struct RequestContext {
    pub(crate) token: Option<AccessToken>,
    pub(crate) context: Context,
}

/// Who a request is from, as its transport knows.
#[derive(Default)]
pub(crate) struct Caller {
    pub(crate) token: Option<AccessToken>,
    #[cfg(feature = "http")]
    pub(crate) parts: Option<Box<http::request::Parts>>,
    /// What a client of an older version said in its handshake.
    pub(crate) client: Client,
    /// What it wants to have logged.
    pub(crate) log_level: Option<LogLevel>,
    /// Where its answers arrive; without that it can't be asked.
    pub(crate) pending: Option<Arc<Pending>>,
    /// What stands for its session in logs.
    pub(crate) session: Option<String>,
}

impl RequestContext {
    /// # Errors
    /// When the request says something about its client that makes no sense, or goes on where no other one has ended.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        editor: Arc<dyn OfferEditor>,
        request: &Request<'_>,
        version: ProtocolVersion,
        caller: Caller,
        outbox: Outbox,
    ) -> Result<Arc<Self>, Error> {
        let params = &request.params;
        let (info, capabilities, log_level) = if version.is_modern() {
            let level = params.log_level().map(LogLevel::parse).transpose()?;
            (OnceLock::new(), params.client_capabilities().cloned().unwrap_or_default(), level)
        } else {
            (OnceLock::from(caller.client.info), caller.client.capabilities, caller.log_level)
        };
        let can_ask = matches!(&*request.method, "tools/call" | "prompts/get" | "resources/read");
        let origin = Origin::of(caller.token.as_ref(), request);
        let asker = OnceLock::new();
        if can_ask && version.is_modern() && params.goes_on() {
            let rounds = Rounds::resume(&shared.state_rules(), origin.clone(), params, SystemTime::now())?;
            let way = Asking::Rounds(Box::new(rounds));
            let _ = asker.set(Asker::new(way, outbox.clone(), shared.question_timeout()));
        }
        let mut context = Context {
            version,
            can_ask,
            asker,
            pending: caller.pending,
            outbox,
            shared: Arc::clone(shared),
            editor,
            origin,
            info,
            capabilities: capabilities.for_version(version),
            meta: OnceLock::new(),
            trace: if params.is_traced() { OnceLock::new() } else { OnceLock::from(None) },
            reporting: params
                .progress_token()?
                .map(|token| Reporting { token: token.to_owned(), last: Mutex::default() }),
            log_level,
            ended: Latch::default(),
            #[cfg(feature = "http")]
            parts: caller.parts,
            span: Span::none(),
        };
        if tracing::enabled!(target: "mcp::request", tracing::Level::INFO) {
            // What is wrong with these was found out where they are needed.
            let (name, uri) = (params.name().ok().flatten(), params.uri().ok().flatten());
            let of = |method: &str, target| if request.method == method { target } else { None };
            let traced = Traced {
                method: &request.method,
                version,
                id: request.id.as_json(),
                tool: of("tools/call", name.as_deref()),
                prompt: of("prompts/get", name.as_deref()),
                resource: uri.as_deref(),
                session: caller.session.as_deref(),
                trace: context.trace(),
            };
            context.span = traced.span();
        }
        Ok(Arc::new(Self { token: caller.token, context }))
    }
}

/// The request that a method serves, and its client, who can be told things and asked for things meanwhile.
///
/// Tools, resources, prompts and completions take it as `cx: &Context`.
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
    shared: Arc<Shared>,
    editor: Arc<dyn OfferEditor>,
    /// It has the whole message, which is read again by those who want to know more.
    origin: Origin,
    info: OnceLock<Option<ClientInfo>>,
    capabilities: ClientCapabilities,
    meta: OnceLock<Map<String, Value>>,
    trace: OnceLock<Option<TraceContext>>,
    reporting: Option<Reporting>,
    log_level: Option<LogLevel>,
    /// Whether this is a request during which the client can be asked something.
    can_ask: bool,
    /// Made for the first who asks, or where a request goes on that has asked before.
    asker: OnceLock<Arc<Asker>>,
    /// Where the answers of an older client arrive.
    pending: Option<Arc<Pending>>,
    ended: Latch,
    #[cfg(feature = "http")]
    pub(crate) parts: Option<Box<http::request::Parts>>,
    pub(crate) span: Span,
}

/// Where progress is reported to.
struct Reporting {
    /// A text or a number, as the client wrote it.
    token: Box<RawValue>,
    last: Mutex<Option<f64>>,
}

/// What the client is told.
impl Context {
    /// Tells the client how far the request has come, if it wants to know.
    ///
    /// Progress only ever grows: what is not more than what was reported before is left out, and so is what is not finite.
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
            return progress.message.into_iter().for_each(|message| task.tell(message));
        }
        let Some(Reporting { token, last }) = &self.reporting else { return };
        let mut last = locked(last);
        if progress.is_finite() && last.is_none_or(|last| progress.progress > last) {
            *last = Some(progress.progress);
            let params = ProgressParams { progress_token: token, progress: &progress };
            self.outbox.tell(notification("notifications/progress", &params));
        }
    }

    /// Sends a message to the client's log: a text, or anything that serialises. A client gets what it asked for: see
    /// [`logs`](Self::logs). A value that has no JSON form is left out.
    ///
    /// It is seen by people that the server may not know. Say nothing in it that they must not read.
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
            self.outbox.tell(notification("notifications/message", &LogMessage { level, data }));
        }
    }

    /// Whether the client wants log messages of this level: it says so in each request since 2026-07-28, and with
    /// `logging/setLevel` before. One that did not say gets none.
    #[must_use]
    pub fn logs(&self, level: LogLevel) -> bool {
        self.log_level.is_some_and(|least| level >= least)
    }

    /// Ends the stream on which the client waits, so that no connection is held while nothing happens. The client comes
    /// back for the rest, which is kept for it. Only 2025-11-25 knows this; elsewhere, nothing happens.
    pub fn close_stream(&self) {
        if self.version == ProtocolVersion::V2025_11_25 {
            self.outbox.close_stream();
        }
    }
}

/// What the request says.
impl Context {
    /// Who the client is, if it says so.
    #[must_use]
    pub fn client(&self) -> Option<&ClientInfo> {
        let declared = || {
            let request = Request::read_again(self.message())?;
            request.params.client_info_of_request().map(ClientInfo::from)
        };
        self.info.get_or_init(declared).as_ref()
    }

    /// What the client can be asked for.
    #[must_use]
    pub fn capabilities(&self) -> &ClientCapabilities {
        &self.capabilities
    }

    /// The revision of the protocol that the client speaks, such as `2026-07-28`.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        self.version.as_str()
    }

    /// The `_meta` of the request, with all that client and protocol put there.
    #[must_use]
    pub fn meta(&self) -> &Map<String, Value> {
        self.meta.get_or_init(|| meta(self.message()).unwrap_or_default())
    }

    /// The trace that the request belongs to, if the client says so.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.trace.get_or_init(|| TraceContext::of(self.meta())).as_ref()
    }

    /// What layers around the server attached to the HTTP request; `None` where there is no HTTP.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn extensions(&self) -> Option<&http::Extensions> {
        self.parts.as_ref().map(|parts| &parts.extensions)
    }
}

/// What the server offers.
impl Context {
    /// Tells clients what changed, all of those that want to hear of it, and changes what is offered.
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
        Changes::new(&self.shared, Arc::clone(&self.editor))
    }
}

/// Whether somebody still waits.
impl Context {
    /// Waits until nobody waits for the answer any more: the client cancelled the request, or is gone.
    ///
    /// An `async` method that waits for anything ends by itself then; this is for work that it started elsewhere, and for
    /// methods that are `blocking`, which [ask](Self::is_cancelled) now and then.
    pub async fn cancelled(&self) {
        self.ended.wait().await;
    }

    /// Whether nobody waits for the answer any more.
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

    /// Says that nobody waits any more when it is dropped, unless a task goes on.
    pub(crate) fn end_with_request(&self) -> impl Drop + use<'_> {
        Ends { cx: self, task: false }
    }

    /// The same for the work of what may have become a task.
    pub(super) fn end_with_task(&self) -> impl Drop + use<'_> {
        Ends { cx: self, task: true }
    }
}

struct Ends<'c> {
    cx: &'c Context,
    task: bool,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if self.task || self.cx.begun_task().is_none() {
            self.cx.ended.set();
        }
    }
}

/// What takes longer than a client should wait.
impl Context {
    /// Goes on as a task (the extension `io.modelcontextprotocol/tasks`): the client gets the task as the result at once,
    /// asks now and then how far it is, and is given the result of the method in the end. Only a tool that is annotated with
    /// `#[mcp::tool(task)]` can do that.
    ///
    /// Returns whether it is a task now. For a client that does not know tasks it is none, and the method goes on as usual;
    /// `#[mcp::tool(task = "required")]` refuses such a client before the method runs.
    ///
    /// In a task, [`progress`](Self::progress) with a message is what the client is told about it, log messages go nowhere,
    /// and questions are answered while it runs. Those that have to be answered before it begins are asked before. When the
    /// client cancels it, the method ends where it waits.
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
    /// When there are too many tasks at once, or the tool is not annotated with `task`.
    pub fn start_task(&self) -> Result<bool, Error> {
        self.task().begin(self.shared.tasks())
    }

    /// The whole message of the request.
    pub(super) fn message(&self) -> &Bytes {
        self.origin.message()
    }

    pub(super) fn task(&self) -> &TaskSlot {
        &self.asker().task
    }

    /// The task that the request has become.
    pub(super) fn begun_task(&self) -> Option<&Arc<Task>> {
        self.asker.get()?.task.begun()
    }

    /// Whether the client knows tasks.
    pub(super) fn has_tasks(&self) -> bool {
        self.version.is_modern() && self.capabilities.has_extension(TASKS)
    }
}

/// What the client is asked.
///
/// One call works in all versions of the protocol. Before 2026-07-28, the question goes to the client on the open
/// connection, and its answer is waited for, up to [`question_timeout`](crate::StateLimits::question_timeout). Since then,
/// the request ends with its questions, and the client makes it again with the answers: the method runs from its beginning
/// once more, and finds them. So ask before you do what must not be done twice, and always pass on the error of a question.
///
/// Each question of a request has a key of its own, by which its answer is found. An answer counts for what was asked, to the
/// letter: when the method asks something else by the same key, "Delete 3000 notes?" in place of "Delete 3 notes?", the client
/// is asked anew. So nothing may be in a question that differs each time, such as the time of day. For what must not be done
/// twice, make the answer good [`once`](Question::once).
impl Context {
    /// Asks the user to fill in a form that has a field for each field of `T`, a struct of texts, numbers, booleans, enums
    /// without data, lists of those enums, and `Option`s of all that. What `schemars` knows about them goes into the form:
    /// doc comments, `#[schemars(length(max = 20), email)]`, `#[serde(default)]`.
    ///
    /// Don't ask for passwords and the like in a form: that is what [`elicit_url`](Self::elicit_url) is for.
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

    /// The same with a schema that is written by hand, and content that conforms to it.
    ///
    /// ```
    /// # use mcp::Context;
    /// async fn ask(cx: &Context) -> Result<(), mcp::Error> {
    ///     let schema = serde_json::json!({
    ///         "type": "object",
    ///         "properties": {"size": {"type": "string", "enum": ["S", "M", "L"], "default": "M"}},
    ///         "required": ["size"],
    ///     });
    ///     let size = cx.elicit_schema("size", "Which size?", schema).await?.accepted();
    ///     # let _ = size;
    ///     Ok(())
    /// }
    /// ```
    pub fn elicit_schema(
        &self,
        key: impl Into<String>,
        message: impl AsRef<str>,
        schema: Value,
    ) -> Question<Answer<Value>> {
        self.ask_form(key.into(), message.as_ref(), FormSchema::given(schema), |content| Ok(Value::Object(content)))
    }

    /// Asks the user to go to a page, where they enter what the client must not see. [`Answer::Accepted`] says that they
    /// agreed to go there; whether they did anything there is known to the page.
    ///
    /// # Who opens the page
    /// The address can be sent to anybody. If the page took the word of the address for who its visitor is, Alice could have
    /// Bob open hers, and what Bob enters or agrees to there would become hers (phishing). So **the server must verify that the
    /// user who opens the page is the one who was asked**, before it accepts anything (MCP 2026-07-28, Elicitation,
    /// "Phishing"): the page knows its visitor by a login of its own, at the same issuer, never by what is in the address.
    ///
    /// The address goes through the client. It must not have anything secret or personal in it, and must not log anybody in; use
    /// `https`. What comes of the page, such as tokens of another service, stays with the server and never goes to the client.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// use mcp::{AccessToken, Answer, Context, Error};
    ///
    /// /// A user, as the issuer knows them.
    /// #[derive(Clone, PartialEq, Eq, Hash)]
    /// struct User {
    ///     issuer: String,
    ///     subject: String,
    /// }
    ///
    /// impl User {
    ///     fn of(token: &AccessToken) -> Result<Self, Error> {
    ///         let (Some(issuer), Some(subject)) = (token.authority(), token.subject.clone()) else {
    ///             return Err(Error::tool("this needs the token of a user"));
    ///         };
    ///         Ok(Self { issuer: issuer.to_owned(), subject })
    ///     }
    /// }
    ///
    /// #[derive(Default)]
    /// struct Calendars {
    ///     /// The states in the addresses of pages that are to be visited.
    ///     begun: Mutex<HashMap<User, String>>,
    ///     connected: Mutex<HashMap<User, String>>,
    /// }
    ///
    /// # fn random_text() -> String { "b71d".to_owned() }
    /// impl Calendars {
    ///     /// The state of this user, the same one until it was used: an answer counts for the address that was asked for.
    ///     fn begin(&self, user: User) -> String {
    ///         self.begun.lock().unwrap().entry(user).or_insert_with(random_text).clone()
    ///     }
    ///
    ///     /// What the page does first. `visitor` comes from the session of the page, which began with a login at the issuer.
    ///     fn open(&self, visitor: &User, state: &str) -> Result<(), &'static str> {
    ///         let mut begun = self.begun.lock().unwrap();
    ///         if begun.get(visitor).is_none_or(|expected| expected != state) {
    ///             return Err("403: this page was not meant for you");
    ///         }
    ///         begun.remove(visitor);
    ///         Ok(()) // … and on to the service that has the calendar.
    ///     }
    /// }
    ///
    /// struct Assistant {
    ///     calendars: Arc<Calendars>,
    /// }
    ///
    /// #[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/mcp")]
    /// impl Assistant {
    ///     /// Tell what is on today.
    ///     #[mcp::tool]
    ///     async fn today(&self, token: &AccessToken, cx: &Context) -> Result<String, Error> {
    ///         let user = User::of(token)?;
    ///         if let Some(calendar) = self.calendars.connected.lock().unwrap().get(&user) {
    ///             return Ok(format!("Nothing in {calendar}"));
    ///         }
    ///         let page = format!("https://mcp.example.com/connect?state={}", self.calendars.begin(user));
    ///         match cx.elicit_url("connect", "Connect your calendar", page).await? {
    ///             Answer::Accepted(()) => Err(Error::tool("try again when the calendar is connected")),
    ///             _ => Err(Error::tool("the calendar is not connected")),
    ///         }
    ///     }
    /// }
    ///
    /// let calendars = Calendars::default();
    /// let user = |subject: &str| User { issuer: "https://auth.example.com".to_owned(), subject: subject.to_owned() };
    /// let state = calendars.begin(user("alice"));
    /// assert!(calendars.open(&user("bob"), &state).is_err());
    /// assert!(calendars.open(&user("alice"), "another").is_err());
    /// assert!(calendars.open(&user("alice"), &state).is_ok());
    /// assert!(calendars.open(&user("alice"), &state).is_err(), "it is good once");
    /// ```
    ///
    /// Needs the capability `elicitation.url`.
    pub fn elicit_url(
        &self,
        key: impl Into<String>,
        message: impl AsRef<str>,
        page: impl AsRef<str>,
    ) -> Question<Answer<()>> {
        let needed = ClientCapabilities { elicitation_url: true, ..ClientCapabilities::default() };
        let request = self.needs(&needed).and_then(|()| {
            let id = (self.version == ProtocolVersion::V2025_11_25).then(random_id).transpose()?;
            let params = UrlParams { message: message.as_ref(), url: page.as_ref(), elicitation_id: id.as_deref() };
            Ok(InputRequest::new::<ElicitResult>("elicitation/create", &params))
        });
        Question::new(self.asker(), key.into(), request, |raw| {
            read(raw).map(|result: ElicitResult| result.into_answer().map(|_| ()))
        })
    }

    /// Asks the model of the client to continue a conversation.
    ///
    /// ```
    /// # use mcp::{Context, Sampling};
    /// async fn translate(text: &str, cx: &Context) -> Result<String, mcp::Error> {
    ///     let sampling = Sampling::new(500).user(format!("Translate into French: {text}"));
    ///     Ok(cx.sample("translation", sampling).await?.text())
    /// }
    /// ```
    ///
    /// Needs the capability `sampling`, and `sampling.tools` or `sampling.context` for what has to do with those.
    pub fn sample(&self, key: impl Into<String>, sampling: Sampling) -> Question<SamplingResult> {
        let request = self
            .needs(&sampling.needs())
            .map(|()| InputRequest::new::<SamplingResult>("sampling/createMessage", &sampling.params(self.version)));
        Question::new(self.asker(), key.into(), request, read)
    }

    /// Asks the client which folders it works on. Needs the capability `roots`.
    ///
    /// ```
    /// # use mcp::Context;
    /// async fn workspace(cx: &Context) -> Result<Option<String>, mcp::Error> {
    ///     let roots = cx.list_roots("roots").await?;
    ///     Ok(roots.into_iter().next().map(|root| root.uri))
    /// }
    /// ```
    pub fn list_roots(&self, key: impl Into<String>) -> Question<Vec<Root>> {
        let needed = ClientCapabilities { roots: true, ..ClientCapabilities::default() };
        let request = self.needs(&needed).map(|()| InputRequest::new::<ListRootsResult>("roots/list", &json!({})));
        Question::new(self.asker(), key.into(), request, |raw| read(raw).map(|ListRootsResult { roots }| roots))
    }

    /// Asks several questions at once: a tuple of up to eight, or a `Vec` if they are of one kind.
    ///
    /// ```
    /// # use mcp::{Context, Sampling};
    /// async fn greet(cx: &Context) -> Result<String, mcp::Error> {
    ///     let (roots, greeting) =
    ///         cx.ask((cx.list_roots("roots"), cx.sample("greeting", Sampling::new(50).user("Greet me")))).await?;
    ///     Ok(format!("{} You work on {} folders.", greeting.text(), roots.len()))
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of a [`Question`]; nothing is asked when one of them can't be.
    pub async fn ask<Q: Questions>(&self, questions: Q) -> Result<Q::Answers, Error> {
        question::ask(self.asker(), questions).await
    }

    fn ask_form<T>(
        &self,
        key: String,
        message: &str,
        asked: Result<FormSchema, String>,
        accept: impl FnOnce(Map<String, Value>) -> Result<T, String> + Send + 'static,
    ) -> Question<Answer<T>> {
        let needed = ClientCapabilities { elicitation_form: true, ..ClientCapabilities::default() };
        let request = match &asked {
            Ok(asked) => self.needs(&needed).and_then(|()| {
                let requested_schema = &asked.for_version(self.version).map_err(Error::internal)?;
                Ok(InputRequest::new::<ElicitResult>("elicitation/create", &FormParams { message, requested_schema }))
            }),
            Err(why) => Err(Error::internal(why.clone())),
        };
        Question::new(self.asker(), key, request, move |raw| {
            let content = match read::<ElicitResult>(raw)?.into_answer() {
                Answer::Accepted(content) => content,
                Answer::Declined => return Ok(Answer::Declined),
                Answer::Cancelled => return Ok(Answer::Cancelled),
            };
            accept(asked?.take(content)?).map(Answer::Accepted)
        })
    }

    fn needs(&self, needed: &ClientCapabilities) -> Result<(), Error> {
        if self.capabilities.satisfies(needed) { Ok(()) } else { Err(Error::missing_capability(needed).unaskable()) }
    }

    /// Begins the result that asks the client, if the request has to end with questions.
    pub(crate) fn input_required(&self) -> Option<Result<ResultBody, Error>> {
        self.asker.get()?.end(&self.shared.state_rules(), SystemTime::now())
    }

    fn asker(&self) -> &Arc<Asker> {
        self.asker.get_or_init(|| {
            let way = match &self.pending {
                _ if !self.can_ask => Asking::Never,
                _ if self.version.is_modern() => Asking::Rounds(Box::new(Rounds::first(self.origin.clone()))),
                Some(pending) => Asking::Live(Arc::clone(pending)),
                None => Asking::Nobody,
            };
            Asker::new(way, self.outbox.clone(), self.shared.question_timeout())
        })
    }
}

/// Shows nothing that the client sent.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("version", &self.version)
            .field("can_ask", &self.can_ask)
            .finish_non_exhaustive()
    }
}

/// The `_meta` of a request, read again.
fn meta(message: &[u8]) -> Option<Map<String, Value>> {
    #[derive(Deserialize)]
    struct Message {
        params: Params,
    }
    #[derive(Deserialize)]
    struct Params {
        #[serde(rename = "_meta")]
        meta: Map<String, Value>,
    }
    let Message { params } = serde_json::from_str(str::from_utf8(message).ok()?).ok()?;
    Some(params.meta)
}
