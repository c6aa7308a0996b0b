//! One JSON-RPC message, parsed once and borrowing from its bytes.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::client::{ClientCapabilities, DeclaredInfo};
use super::error::{Error, shown};
use super::logging::LogLevel;
use crate::json_names::{PRIVATE, has_private_name};

/// How deep JSON may be nested unless a transport is told otherwise; the parser itself stops here, too.
pub(crate) const DEFAULT_MAX_DEPTH: usize = 128;

/// How long an id or a progress token may be, in bytes. Every message about its request repeats it, so that a long one would
/// make a thousand long messages of one.
const MAX_ID: usize = 1024;

/// How many arguments are looked at. A tool has fewer parameters, and each takes a place in memory.
const MAX_ARGUMENTS: usize = 1000;

const CANCELLED: &str = "notifications/cancelled";

/// A message from the client.
pub(crate) enum Message<'a> {
    Request(Request<'a>),
    Notification(Notification<'a>),
    /// An answer to a request of the server.
    Response(Response<'a>),
}

pub(crate) struct Request<'a> {
    pub(crate) id: RequestId<'a>,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: BoxedParams<'a>,
    /// The whole message.
    pub(crate) message: Bytes,
}

impl<'a> Request<'a> {
    /// Reads the message of a request again, for what only few methods want to know.
    pub(crate) fn read_again(message: &'a Bytes) -> Option<Self> {
        match Message::parse_one(str::from_utf8(message).ok()?, message) {
            Ok(Message::Request(request)) => Some(request),
            _ => None,
        }
    }

    /// What it asks for by its name or URI, if it asks for one thing.
    pub(crate) fn target(&self) -> Option<Target<'a>> {
        let name = || self.params.name().ok().flatten();
        match &*self.method {
            "tools/call" => name().map(Target::Tool),
            "prompts/get" => name().map(Target::Prompt),
            "resources/read" | "resources/subscribe" => self.params.uri().ok().flatten().map(Target::Resource),
            _ => None,
        }
    }
}

pub(crate) struct Response<'a> {
    /// Missing in an error about something that could not be read.
    pub(crate) id: Option<RequestId<'a>>,
    /// The result, or the error, which is for people.
    pub(crate) outcome: Result<&'a RawValue, Error>,
}

/// One thing that a client asks for.
pub(crate) enum Target<'a> {
    Tool(Cow<'a, str>),
    Prompt(Cow<'a, str>),
    Resource(Cow<'a, str>),
}

pub(crate) struct Notification<'a> {
    pub(crate) method: Cow<'a, str>,
    /// The request that it cancels, if it is `notifications/cancelled`, the only one with an effect.
    pub(crate) request_id: Option<RequestId<'a>>,
}

/// Returns a text without the byte order mark that some programs write in front of every text: JSON has none, and a reader
/// may ignore it (RFC 8259 §8.1).
pub(crate) fn unmarked(text: Bytes) -> Bytes {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if text.starts_with(BYTE_ORDER_MARK) { text.slice(BYTE_ORDER_MARK.len()..) } else { text }
}

/// The id of a request: a string or an integer, kept as the client wrote it, so that the answer repeats it exactly.
#[derive(Clone, Copy)]
pub(crate) struct RequestId<'a>(&'a str);

impl<'a> RequestId<'a> {
    /// The id of an answer to a request that was not read (JSON-RPC 2.0 §5).
    pub(crate) const NULL: Self = Self("null");

    fn parse(raw: &'a RawValue) -> Result<Self, Error> {
        let text = raw.get();
        if text.len() > MAX_ID {
            return Err(Error::invalid_request(format!("Invalid request: `id` is longer than {MAX_ID} bytes")));
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if text.starts_with('"') || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) {
            Ok(Self(text))
        } else {
            Err(Error::invalid_request("Invalid request: `id` must be a string or an integer"))
        }
    }

    /// The id as JSON.
    pub(crate) fn as_json(&self) -> &'a str {
        self.0
    }
}

/// The members of `params` that this framework reads, of all methods at once: one pass over the body serves the
/// checks that come before the method is looked at and the method itself. What a member must be is for the method to
/// say, so they are left raw.
#[derive(Default, Deserialize)]
pub(crate) struct Params<'a> {
    #[serde(rename = "_meta", borrow, default, deserialize_with = "request_meta")]
    meta: Option<RequestMeta<'a>>,
    /// `tools/call`, `prompts/get`.
    #[serde(borrow)]
    name: Option<ShouldBeText<'a>>,
    /// `resources/read`, and subscriptions to one.
    #[serde(borrow)]
    uri: Option<ShouldBeText<'a>>,
    /// `tools/call`, `prompts/get`.
    #[serde(borrow)]
    arguments: Option<Entries<'a>>,
    /// `completion/complete`: what has the argument.
    #[serde(rename = "ref", borrow)]
    pub(crate) reference: Option<&'a RawValue>,
    /// `completion/complete`: the argument.
    #[serde(borrow)]
    pub(crate) argument: Option<&'a RawValue>,
    /// `completion/complete`: the other arguments.
    #[serde(borrow)]
    pub(crate) context: Option<&'a RawValue>,
    /// `subscriptions/listen`.
    #[serde(borrow)]
    pub(crate) notifications: Option<&'a RawValue>,
    /// `logging/setLevel`.
    #[serde(borrow)]
    level: Option<ShouldBeText<'a>>,
    /// The second round of a request that needed input.
    #[serde(rename = "inputResponses", borrow, default, deserialize_with = "present")]
    pub(crate) input_responses: Option<&'a RawValue>,
    /// The same.
    #[serde(rename = "requestState", borrow)]
    request_state: Option<ShouldBeText<'a>>,
    /// Everything about tasks.
    #[serde(rename = "taskId", borrow)]
    task_id: Option<ShouldBeText<'a>>,
    /// `initialize`.
    #[serde(borrow)]
    pub(crate) capabilities: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "clientInfo", borrow)]
    pub(crate) client_info: Option<&'a RawValue>,
    /// `notifications/cancelled`.
    #[serde(rename = "requestId", borrow)]
    request_id: Option<&'a RawValue>,
    /// The lists.
    #[serde(borrow)]
    pub(crate) cursor: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "protocolVersion", borrow)]
    protocol_version: Option<ShouldBeText<'a>>,
}

impl<'a> Params<'a> {
    pub(crate) fn name(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("name", &self.name)
    }

    pub(crate) fn uri(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("uri", &self.uri)
    }

    /// The arguments by their names, as they came.
    pub(crate) fn arguments(&self) -> Result<&[Entry<'a>], Error> {
        self.arguments.as_ref().map_or(Ok(&[]), Entries::all)
    }

    /// What a client wants to have logged.
    pub(crate) fn level(&self) -> Result<LogLevel, Error> {
        match text("level", &self.level)? {
            Some(name) => LogLevel::parse(&name),
            None => Err(Error::invalid_params("Invalid params: `level` is missing")),
        }
    }

    pub(crate) fn task_id(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("taskId", &self.task_id)
    }

    /// Whether it is another round of a request that needed input.
    pub(crate) fn goes_on(&self) -> bool {
        self.input_responses.is_some() || self.request_state.is_some()
    }

    pub(crate) fn request_state(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("requestState", &self.request_state)
    }

    pub(crate) fn protocol_version(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("protocolVersion", &self.protocol_version)
    }
}

fn text<'a>(member: &str, given: &Option<ShouldBeText<'a>>) -> Result<Option<Cow<'a, str>>, Error> {
    match given {
        None => Ok(None),
        Some(ShouldBeText(Ok(text))) => Ok(Some(text.clone())),
        Some(ShouldBeText(Err(why))) => Err(Error::invalid_params(format!("Invalid params: `{member}`: {why}"))),
    }
}

/// A member that must be a text.
pub(crate) fn read_text<'a>(member: &str, raw: &'a RawValue) -> Result<Cow<'a, str>, Error> {
    serde_json::from_str(raw.get())
        .map(|Text(text)| text)
        .map_err(|error| Error::invalid_params(format!("Invalid params: `{member}`: {}", without_position(&error))))
}

/// A text, borrowed where it has no escapes; a plain `Cow` would always copy.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// The keys of `_meta` that every modern request carries (MCP 2026-07-28, basic, "_meta").
#[derive(Deserialize)]
struct RequestMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion", borrow)]
    protocol_version: Option<Text<'a>>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities", default, deserialize_with = "client_capabilities")]
    client_capabilities: Option<ClientCapabilities>,
    #[serde(rename = "io.modelcontextprotocol/clientInfo", borrow, default, deserialize_with = "client_info")]
    client_info: Option<DeclaredInfo<'a>>,
    #[serde(rename = "io.modelcontextprotocol/logLevel", borrow)]
    log_level: Option<Text<'a>>,
    #[serde(rename = "progressToken", borrow)]
    progress_token: Option<&'a RawValue>,
    traceparent: Option<IgnoredAny>,
}

impl<'a> Params<'a> {
    pub(crate) fn client_info_of_request(&self) -> Option<&DeclaredInfo<'a>> {
        self.meta.as_ref()?.client_info.as_ref()
    }

    pub(crate) fn client_capabilities(&self) -> Option<&ClientCapabilities> {
        self.meta.as_ref()?.client_capabilities.as_ref()
    }

    pub(crate) fn log_level(&self) -> Option<&str> {
        self.meta.as_ref()?.log_level.as_ref().map(|Text(text)| &**text)
    }

    /// Whether it may belong to a trace.
    pub(crate) fn is_traced(&self) -> bool {
        self.meta.as_ref().is_some_and(|meta| meta.traceparent.is_some())
    }

    /// What progress is reported under: a text or a number.
    pub(crate) fn progress_token(&self) -> Result<Option<&RawValue>, Error> {
        let token = self.meta.as_ref().and_then(|meta| meta.progress_token);
        if token.is_some_and(|raw| !raw.get().starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit())) {
            return Err(Error::invalid_params("Invalid params: `_meta.progressToken` must be a text or a number"));
        }
        if token.is_some_and(|raw| raw.get().len() > MAX_ID) {
            let message = format!("Invalid params: `_meta.progressToken` is longer than {MAX_ID} bytes");
            return Err(Error::invalid_params(message));
        }
        Ok(token)
    }

    /// The version that the request itself names, as every modern one does.
    pub(crate) fn declared_version(&self) -> Option<&str> {
        self.meta.as_ref()?.protocol_version.as_ref().map(|Text(text)| &**text)
    }

    /// Checks that everything is there that a modern request must carry.
    pub(crate) fn require_meta(&self) -> Result<(), Error> {
        let missing = if self.declared_version().is_none() {
            "protocolVersion"
        } else if self.client_capabilities().is_none() {
            "clientCapabilities"
        } else {
            return Ok(());
        };
        Err(Error::invalid_params(format!("Invalid params: `_meta` must have `io.modelcontextprotocol/{missing}`")))
    }
}

/// A message that could not be read, with the id that the answer repeats if that much was readable.
pub(crate) struct Unreadable<'a> {
    pub(crate) id: Option<RequestId<'a>>,
    pub(crate) error: Error,
}

impl From<Error> for Unreadable<'_> {
    fn from(error: Error) -> Self {
        Self { id: None, error }
    }
}

impl<'a> Message<'a> {
    pub(crate) fn parse(body: &'a Bytes, max_depth: usize) -> Result<Self, Unreadable<'a>> {
        let text = readable(body, max_depth)?;
        if text.starts_with('[') {
            return Err(Error::invalid_request("Invalid request: batches are not supported; send one message").into());
        }
        Self::parse_one(text, body)
    }

    /// The messages of a batch, at least one and at most so many (MCP 2025-03-26, "Batching").
    pub(crate) fn parse_batch(
        body: &'a Bytes,
        max_depth: usize,
        max_messages: usize,
    ) -> Result<Vec<Self>, Unreadable<'a>> {
        let messages: Vec<&'a RawValue> = serde_json::from_str(readable(body, max_depth)?)
            .map_err(|error| Error::parse(format!("Parse error: {error}")))?;
        match messages.len() {
            0 => return Err(Error::invalid_request("Invalid request: the batch is empty").into()),
            count if count > max_messages => {
                let message = format!("Invalid request: the batch has {count} messages; {max_messages} are allowed");
                return Err(Error::invalid_request(message).into());
            }
            _ => {}
        }
        messages.into_iter().map(|message| Self::parse_one(message.get(), body)).collect()
    }

    /// One message of `body`.
    fn parse_one(text: &'a str, body: &Bytes) -> Result<Self, Unreadable<'a>> {
        let message = body.slice_ref(text.as_bytes());
        match serde_json::from_str::<Object<Envelope<'a, BoxedParams<'a>>>>(text) {
            Ok(Object(envelope)) => envelope.into_message(message, Ok),
            // Once more, part by part, to find out which part it is.
            Err(_) => outline(text)?.into_message(message, read_params),
        }
    }
}

/// A message whose `params` are not looked into.
fn outline(text: &str) -> Result<Envelope<'_, &RawValue>, Unreadable<'_>> {
    let Object(envelope) = serde_json::from_str::<Object<Envelope<'_, &RawValue>>>(text).map_err(|error| {
        // A member of a wrong type is noticed before what is no JSON behind it.
        match serde_json::from_str::<IgnoredAny>(text) {
            Err(error) => Error::parse(format!("Parse error: {error}")),
            Ok(_) if !error.is_data() => Error::parse(format!("Parse error: {error}")),
            Ok(_) if !text.starts_with('{') => Error::invalid_request("Invalid request: the message must be an object"),
            Ok(_) => Error::invalid_request(format!("Invalid request: {error}")),
        }
    })?;
    if envelope.params.is_some_and(|params| !is_object(params)) {
        let id = envelope.id.map(RequestId::parse).transpose()?;
        return Err(Unreadable { id, error: Error::invalid_params("Invalid params: `params` must be an object") });
    }
    Ok(envelope)
}

fn read_params(raw: &RawValue) -> Result<BoxedParams<'_>, Error> {
    serde_json::from_str(raw.get())
        .map_err(|error| Error::invalid_params(format!("Invalid params: {}", without_position(&error))))
}

fn readable(body: &[u8], max_depth: usize) -> Result<&str, Error> {
    let text = str::from_utf8(body).map_err(|_| Error::parse("Parse error: the body is not valid UTF-8"))?;
    check_depth(body, max_depth)?;
    if has_private_name(body) {
        return Err(Error::parse(format!("Parse error: no text may begin with `{PRIVATE}`")));
    }
    // The white space of JSON (RFC 8259 §2), which has no form feed.
    Ok(text.trim_matches([' ', '\t', '\n', '\r']))
}

/// A message with its `params` as a `P`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
struct Envelope<'a, P> {
    #[serde(borrow)]
    jsonrpc: Option<Text<'a>>,
    /// `null` is present, and not an id.
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Text<'a>>,
    /// Absent, too, where it is `null`, as some clients write it.
    params: Option<P>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'a, P> Envelope<'a, P> {
    fn into_message(
        self,
        message: Bytes,
        params: impl FnOnce(P) -> Result<BoxedParams<'a>, Error>,
    ) -> Result<Message<'a>, Unreadable<'a>> {
        let id = self.id.map(RequestId::parse).transpose()?;
        let invalid = |why: &'static str| Unreadable { id, error: Error::invalid_request(why) };
        if self.jsonrpc.is_none_or(|Text(version)| version != "2.0") {
            return Err(invalid("Invalid request: `jsonrpc` must be \"2.0\""));
        }
        let Some(Text(method)) = self.method else {
            let outcome = match (self.result, self.error) {
                (Some(result), None) => Ok(result),
                (None, Some(error)) => Err(refusal(error)),
                _ => return Err(invalid("Invalid request: `method` is missing")),
            };
            return Ok(Message::Response(Response { id, outcome }));
        };
        let params = self.params.map_or_else(|| Ok(BoxedParams::default()), params);
        let Some(id) = id else {
            // One that makes no sense is ignored, for it has no answer.
            let request_id = params.ok().filter(|_| method == CANCELLED).and_then(|params| params.request_id);
            let request_id = request_id.and_then(|id| RequestId::parse(id).ok());
            return Ok(Message::Notification(Notification { method, request_id }));
        };
        let params = params.map_err(|error| Unreadable { id: Some(id), error })?;
        Ok(Message::Request(Request { id, method, params, message }))
    }
}

/// Why a client does not answer, as far as it says so.
fn refusal(error: &RawValue) -> Error {
    #[derive(Deserialize)]
    struct Refusal<'a> {
        code: i32,
        #[serde(borrow)]
        message: Cow<'a, str>,
    }
    match serde_json::from_str(error.get()) {
        Ok(Refusal { code, message }) => Error::new(code, shown(&message).to_owned()),
        Err(_) => Error::internal("it does not say why"),
    }
}

/// A member of an object, as it came.
pub(crate) type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// Arguments, which should be an object. That is for the method to say.
pub(crate) enum Entries<'a> {
    All(Vec<Entry<'a>>),
    TooMany,
    OfNoObject,
}

impl<'a> Entries<'a> {
    pub(crate) fn all(&self) -> Result<&[Entry<'a>], Error> {
        let why = match self {
            Self::All(entries) => return Ok(entries),
            Self::TooMany => format!("has more than {MAX_ARGUMENTS} members"),
            Self::OfNoObject => "must be an object".to_owned(),
        };
        Err(Error::invalid_params(format!("Invalid params: `arguments` {why}")))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesReader)
    }
}

struct EntriesReader;

impl<'de> Visitor<'de> for EntriesReader {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(4);
        while let Some((Text(name), value)) = members.next_entry()? {
            if entries.len() == MAX_ARGUMENTS {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Entries::TooMany);
            }
            entries.push((name, value));
        }
        Ok(Entries::All(entries))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Entries::OfNoObject)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Entries::OfNoObject)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Entries::OfNoObject)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Entries::OfNoObject)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Entries::OfNoObject)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entries::OfNoObject)
    }
}

/// A struct that is an object: a derived `Deserialize` would take an array for it, too.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectReader(Object))
    }
}

/// Params that are an object, in a box as soon as they are read: they are handed on a few times.
#[derive(Default)]
pub(crate) struct BoxedParams<'a>(Box<Params<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for BoxedParams<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectReader(|params| Self(Box::new(params))))
    }
}

impl<'a> Deref for BoxedParams<'a> {
    type Target = Params<'a>;

    fn deref(&self) -> &Params<'a> {
        &self.0
    }
}

/// Reads a `T` from an object, and makes of it what is wanted.
struct ObjectReader<T, U>(fn(T) -> U);

impl<'de, T: Deserialize<'de>, U> Visitor<'de> for ObjectReader<T, U> {
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<U, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(self.0)
    }
}

/// A text, or why it is none, which is for the method to say.
struct ShouldBeText<'a>(Result<Cow<'a, str>, serde::de::value::Error>);

impl<'de: 'a, 'a> Deserialize<'de> for ShouldBeText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextReader)
    }
}

struct TextReader;

impl TextReader {
    fn wrong<E>(self, found: Unexpected<'_>) -> Result<ShouldBeText<'static>, E> {
        Ok(ShouldBeText(Err(serde::de::Error::invalid_type(found, &self))))
    }
}

impl<'de> Visitor<'de> for TextReader {
    type Value = ShouldBeText<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(ShouldBeText(Ok(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ShouldBeText(Ok(Cow::Owned(text.to_owned()))))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        self.wrong(Unexpected::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        self.wrong(Unexpected::Signed(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        self.wrong(Unexpected::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        self.wrong(Unexpected::Float(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        self.wrong(Unexpected::Seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.wrong(Unexpected::Map)
    }
}

fn request_meta<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RequestMeta<'a>>, D::Error> {
    let meta = Option::deserialize(deserializer).map(|meta| meta.map(|Object(meta)| meta));
    meta.map_err(|error| about("_meta", &error))
}

fn client_info<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DeclaredInfo<'a>>, D::Error> {
    let info = Option::deserialize(deserializer).map(|info| info.map(|Object(info)| info));
    info.map_err(|error| about("io.modelcontextprotocol/clientInfo", &error))
}

fn client_capabilities<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ClientCapabilities>, D::Error> {
    Option::deserialize(deserializer).map_err(|error| about("io.modelcontextprotocol/clientCapabilities", &error))
}

/// An error with the name of the member that it is about.
fn about<E: serde::de::Error>(member: &str, error: &E) -> E {
    let why = error.to_string();
    E::custom(format_args!("`{member}`: {}", position_cut(&why)))
}

fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// The message of a JSON error without the position, which is one inside of a part that the client never saw alone.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // What a type says about its own text may sound like a position.
    if error.line() == 0 { text } else { position_cut(&text).to_owned() }
}

fn position_cut(text: &str) -> &str {
    text.rfind(" at line ").map_or(text, |end| &text[..end])
}

/// Skipping a value is not recursive in the parser, so the parser alone would let any depth pass.
fn check_depth(body: &[u8], max_depth: usize) -> Result<(), Error> {
    // Where nothing opens more often than it may be nested, it need not be looked at byte by byte.
    if brackets(body) <= max_depth {
        return Ok(());
    }
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > max_depth {
                    return Err(Error::parse(format!(
                        "Parse error: the body is nested deeper than {max_depth} levels"
                    )));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// How many `[` and `{` there are, which differ in one bit only.
fn brackets(body: &[u8]) -> usize {
    count(body, |byte| byte | 0x20 == b'{')
}

/// How many bytes are such ones; `is(0)` must be false. In pieces of which the compiler counts many bytes at once, into one
/// that holds the count: of a long message, looking at it byte by byte would be half of all instructions. What is left is
/// filled up with zeros to be such a piece, too.
pub(crate) fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    debug_assert!(!is(0), "what is filled up would count");
    let (pieces, rest) = bytes.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let in_piece = |piece: &[u8; 64]| usize::from(piece.iter().map(|byte| u8::from(is(*byte))).sum::<u8>());
    pieces.iter().chain((!rest.is_empty()).then_some(&last)).map(in_piece).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &str) -> (i32, String) {
        match Message::parse(&Bytes::copy_from_slice(body.as_bytes()), DEFAULT_MAX_DEPTH) {
            Err(unreadable) => (unreadable.error.code().unwrap_or_default(), unreadable.error.message().to_owned()),
            Ok(_) => panic!("{body} was read"),
        }
    }

    #[test]
    fn an_id_is_repeated_as_it_was_written() {
        for id in ["1", "-7", "\"a\\u0020b\"", "123456789012345678901234567890"] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#).into();
            let Ok(Message::Request(request)) = Message::parse(&body, DEFAULT_MAX_DEPTH) else { panic!("{id}") };
            assert_eq!(request.id.as_json(), id);
        }
    }

    #[test]
    fn without_an_id_it_is_a_notification() {
        let body = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}"#;
        let body = Bytes::from_static(body);
        let Ok(Message::Notification(notification)) = Message::parse(&body, DEFAULT_MAX_DEPTH) else {
            panic!("not a notification")
        };
        assert_eq!(notification.request_id.map(|id| id.as_json()), Some("\"x\""));
    }

    #[test]
    fn says_what_is_wrong_with_a_message() {
        let cases = [
            ("", -32700, "Parse error: EOF while parsing a value at line 1 column 0"),
            ("{", -32700, "Parse error: EOF while parsing an object at line 1 column 1"),
            ("{} x", -32700, "Parse error: trailing characters at line 1 column 4"),
            ("[]", -32600, "Invalid request: batches are not supported; send one message"),
            ("7", -32600, "Invalid request: the message must be an object"),
            ("nulx", -32700, "Parse error: expected ident at line 1 column 4"),
            ("7 x", -32700, "Parse error: trailing characters at line 1 column 3"),
            (r#"{"jsonrpc":2,}"#, -32700, "Parse error: key must be a string at line 1 column 14"),
            ("\u{c}{}", -32700, "Parse error: expected value at line 1 column 1"),
            ("{}", -32600, "Invalid request: `jsonrpc` must be \"2.0\""),
            (r#"{"jsonrpc":"1.0","method":"x"}"#, -32600, "Invalid request: `jsonrpc` must be \"2.0\""),
            (r#"{"jsonrpc":"2.0"}"#, -32600, "Invalid request: `method` is missing"),
            (
                r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#,
                -32600,
                "Invalid request: `id` must be a string or an integer",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#,
                -32600,
                "Invalid request: `id` must be a string or an integer",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[]}"#,
                -32602,
                "Invalid params: `params` must be an object",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":1}}"#,
                -32602,
                "Invalid params: `_meta`: invalid type: integer `1`, expected an object",
            ),
        ];
        for (body, code, message) in cases {
            assert_eq!(error(body), (code, message.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_duplicate_member_is_refused() {
        let (code, message) = error(r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#);
        assert_eq!(code, -32600);
        assert!(message.starts_with("Invalid request: duplicate field `method`"), "{message}");
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let nested = |levels: usize| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{}{}}}}}"#,
                "[".repeat(levels),
                "]".repeat(levels)
            )
        };
        assert!(Message::parse(&nested(126).into(), 128).is_ok());
        assert_eq!(error(&nested(127)), (-32700, "Parse error: the body is nested deeper than 128 levels".to_owned()));
        let quoted = format!(r#"{{"jsonrpc":"2.0","id":"{}\"{{","method":"x"}}"#, "[".repeat(500));
        assert!(Message::parse(&quoted.into(), 128).is_ok());
    }
}
