//! Questions of a handler to the client.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::Context;
use crate::protocol::client::ClientCapabilities;
use crate::protocol::elicitation::{Answer, ElicitResult, FormParams, UrlParams};
use crate::protocol::error::Error;
use crate::protocol::response::ResultBody;
use crate::protocol::roots::{ListRootsResult, Root};
use crate::protocol::sampling::{Sampling, SamplingResult};
use crate::protocol::version::ProtocolVersion;
use crate::seal::random_id;
use crate::server::asking::form::FormSchema;
use crate::server::asking::question::{self, Question, Questions};
use crate::server::asking::request::{InputRequest, read_answer};
use crate::server::asking::rounds::Rounds;

/// Questions to the client.
///
/// The same calls work in all versions of the protocol:
///
/// - Before 2026-07-28, the server sends the question on the open connection. The method waits for the answer, up to
///   [`question_timeout`](crate::StateLimits::question_timeout).
/// - Since 2026-07-28, the response has the questions, and the client repeats its request with the answers. The method
///   then runs from its beginning again, and its questions return the answers.
///
/// Therefore ask before any side effect that must not be repeated, and always pass on the error of a question.
///
/// Each question of a request has a unique key, which connects it to its answer. An answer is valid for the exact
/// question only. If the method asks "Delete 3000 notes?" by the key of "Delete 3 notes?", the client is asked again. A
/// question must therefore not contain anything that differs each time, such as the time of day. For side effects that
/// must not be repeated, accept the answer [`once`](Question::once).
impl Context {
    /// Asks the user to fill in a form with a handwritten schema.
    ///
    /// The content of the answer conforms to the schema.
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

    /// Asks the user to open a page, out of the client's sight.
    ///
    /// [`Answer::Accepted`] means that the user agreed to open the page. Only the page knows what the user does there.
    ///
    /// # Phishing
    /// Anybody can receive the address. If the page identified its visitor by the address, Alice could send her address
    /// to Bob. The input or consent of Bob would then count as hers. Therefore **the server must first verify that the
    /// user who opens the page is the user of the request** (MCP 2026-07-28, Elicitation, "Phishing"). The page
    /// identifies its visitor by its own login at the same issuer, never by the address.
    ///
    /// The address passes through the client. It must not contain secrets or personal data, and must not log anybody
    /// in; use `https`. The results of the page, such as tokens of another service, stay on the server and are never
    /// sent to the client.
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
    ///     /// The states in the addresses of pages that are not opened yet.
    ///     begun: Mutex<HashMap<User, String>>,
    ///     connected: Mutex<HashMap<User, String>>,
    /// }
    ///
    /// # fn random_text() -> String { "b71d".to_owned() }
    /// impl Calendars {
    ///     /// Returns the state of this user: the same one until its use, because an answer is valid for the exact address.
    ///     fn begin(&self, user: User) -> String {
    ///         self.begun.lock().unwrap().entry(user).or_insert_with(random_text).clone()
    ///     }
    ///
    ///     /// Begins the page. `visitor` comes from the session of the page, which began with a login at the issuer.
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
    /// assert!(calendars.open(&user("alice"), &state).is_err(), "each state is valid once");
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
            read_answer(raw).map(|result: ElicitResult| result.into_answer().map(|_| ()))
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
    /// Needs the capability `sampling`; with tools or context also `sampling.tools` or `sampling.context`.
    pub fn sample(&self, key: impl Into<String>, sampling: Sampling) -> Question<SamplingResult> {
        let request = self
            .needs(&sampling.needs())
            .map(|()| InputRequest::new::<SamplingResult>("sampling/createMessage", &sampling.params(self.version)));
        Question::new(self.asker(), key.into(), request, read_answer)
    }

    /// Asks the client for its roots: the folders on which it works.
    ///
    /// ```
    /// # use mcp::Context;
    /// async fn workspace(cx: &Context) -> Result<Option<String>, mcp::Error> {
    ///     let roots = cx.list_roots("roots").await?;
    ///     Ok(roots.into_iter().next().map(|root| root.uri))
    /// }
    /// ```
    ///
    /// Needs the capability `roots`.
    pub fn list_roots(&self, key: impl Into<String>) -> Question<Vec<Root>> {
        let needed = ClientCapabilities { roots: true, ..ClientCapabilities::default() };
        let request = self.needs(&needed).map(|()| InputRequest::new::<ListRootsResult>("roots/list", &json!({})));
        Question::new(self.asker(), key.into(), request, |raw| read_answer(raw).map(|ListRootsResult { roots }| roots))
    }

    /// Asks several questions at once: a tuple of them, or a `Vec`.
    ///
    /// A tuple has up to eight questions, a `Vec` has questions of one kind.
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
    /// The errors of a [`Question`]. If one of the questions cannot be asked, none is.
    pub async fn ask<Q: Questions>(&self, questions: Q) -> Result<Q::Answers, Error> {
        question::ask(self.asker(), questions).await
    }

    pub(super) fn ask_form<T>(
        &self,
        key: String,
        message: &str,
        form: Result<FormSchema, String>,
        accept: impl FnOnce(Map<String, Value>) -> Result<T, String> + Send + 'static,
    ) -> Question<Answer<T>> {
        let needed = ClientCapabilities { elicitation_form: true, ..ClientCapabilities::default() };
        let request = match &form {
            Ok(form) => self.needs(&needed).and_then(|()| {
                let requested_schema = &form.for_version(self.version).map_err(Error::internal)?;
                Ok(InputRequest::new::<ElicitResult>("elicitation/create", &FormParams { message, requested_schema }))
            }),
            Err(why) => Err(Error::internal(why.clone())),
        };
        Question::new(self.asker(), key, request, move |raw| {
            let content = match read_answer::<ElicitResult>(raw)?.into_answer() {
                Answer::Accepted(content) => content,
                Answer::Declined => return Ok(Answer::Declined),
                Answer::Cancelled => return Ok(Answer::Cancelled),
            };
            accept(form?.take(content)?).map(Answer::Accepted)
        })
    }

    /// Checks the capabilities of the client.
    fn needs(&self, needed: &ClientCapabilities) -> Result<(), Error> {
        if self.capabilities.satisfies(needed) { Ok(()) } else { Err(Error::missing_capability(needed).unaskable()) }
    }

    /// Returns the rounds of a request that the client may have answered in.
    pub(in crate::server) fn rounds(&self) -> Option<&Rounds> {
        self.asker.get()?.rounds()
    }

    /// Begins the result with the open questions, if this round has some.
    pub(crate) fn input_required(&self) -> Option<Result<ResultBody, Error>> {
        self.asker.get()?.input_required(&self.shared().state_rules(), SystemTime::now())
    }
}
