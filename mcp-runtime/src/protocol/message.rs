//! One JSON-RPC message, parsed once and borrowing from its bytes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::error::{Error, shown};
use super::logging::LogLevel;

/// How deep JSON may be nested unless a transport is told otherwise; the parser itself stops here, too.
pub(crate) const DEFAULT_MAX_DEPTH: usize = 128;

/// How long an id or a progress token may be, in bytes. Every message about its request repeats it, so that a long one would
/// make a thousand long messages of one.
const MAX_ID: usize = 1024;

const CANCELLED: &str = "notifications/cancelled";

/// A message from the client.
#[expect(clippy::large_enum_variant, reason = "nearly all of them are requests, which live as long as they are served")]
pub(crate) enum Message<'a> {
    Request(Request<'a>),
    Notification(Notification<'a>),
    /// An answer to a request of the server.
    Response(Response<'a>),
}

pub(crate) struct Request<'a> {
    pub(crate) id: RequestId<'a>,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: Params<'a>,
}

impl<'a> Request<'a> {
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

/// The id of a request: a string or an integer, kept as the client wrote it, so that the answer repeats it exactly.
#[derive(Clone, Copy)]
pub(crate) struct RequestId<'a>(&'a str);

impl<'a> RequestId<'a> {
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
    name: Option<&'a RawValue>,
    /// `resources/read`, and subscriptions to one.
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    /// `tools/call`, `prompts/get`.
    #[serde(borrow)]
    pub(crate) arguments: Option<&'a RawValue>,
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
    level: Option<&'a RawValue>,
    /// The second round of a request that needed input.
    #[serde(rename = "inputResponses", borrow, default, deserialize_with = "present")]
    pub(crate) input_responses: Option<&'a RawValue>,
    /// The same.
    #[serde(rename = "requestState", borrow)]
    request_state: Option<&'a RawValue>,
    /// Everything about tasks.
    #[serde(rename = "taskId", borrow)]
    task_id: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(borrow)]
    pub(crate) capabilities: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "clientInfo", borrow)]
    pub(crate) client_info: Option<&'a RawValue>,
    /// The lists.
    #[serde(borrow)]
    pub(crate) cursor: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "protocolVersion", borrow)]
    protocol_version: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    pub(crate) fn name(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("name", self.name)
    }

    pub(crate) fn uri(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("uri", self.uri)
    }

    /// What a client wants to have logged.
    pub(crate) fn level(&self) -> Result<LogLevel, Error> {
        match text("level", self.level)? {
            Some(name) => LogLevel::parse(&name),
            None => Err(Error::invalid_params("Invalid params: `level` is missing")),
        }
    }

    pub(crate) fn task_id(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("taskId", self.task_id)
    }

    pub(crate) fn request_state(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("requestState", self.request_state)
    }

    pub(crate) fn protocol_version(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("protocolVersion", self.protocol_version)
    }
}

fn text<'a>(member: &str, raw: Option<&'a RawValue>) -> Result<Option<Cow<'a, str>>, Error> {
    raw.map(|raw| read_text(member, raw)).transpose()
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
    protocol_version: Option<Cow<'a, str>>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities", borrow)]
    client_capabilities: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/clientInfo", borrow)]
    client_info: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/logLevel", borrow)]
    log_level: Option<Cow<'a, str>>,
    #[serde(rename = "progressToken", borrow)]
    progress_token: Option<&'a RawValue>,
    #[serde(skip)]
    raw: Option<&'a RawValue>,
}

impl Params<'_> {
    /// The whole of `_meta`, an object.
    pub(crate) fn meta(&self) -> Option<&RawValue> {
        self.meta.as_ref()?.raw
    }

    pub(crate) fn client_info_of_request(&self) -> Option<&RawValue> {
        self.meta.as_ref()?.client_info
    }

    pub(crate) fn client_capabilities(&self) -> Option<&RawValue> {
        self.meta.as_ref()?.client_capabilities
    }

    pub(crate) fn log_level(&self) -> Option<&str> {
        self.meta.as_ref()?.log_level.as_deref()
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
        self.meta.as_ref()?.protocol_version.as_deref()
    }

    /// Checks that everything is there that a modern request must carry.
    pub(crate) fn require_meta(&self) -> Result<(), Error> {
        let missing = if self.declared_version().is_none() {
            "protocolVersion"
        } else if !self.meta.as_ref().and_then(|meta| meta.client_capabilities).is_some_and(is_object) {
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
    pub(crate) fn parse(body: &'a [u8], max_depth: usize) -> Result<Self, Unreadable<'a>> {
        let text = readable(body, max_depth)?;
        if text.starts_with('[') {
            return Err(Error::invalid_request("Invalid request: batches are not supported; send one message").into());
        }
        Self::parse_one(text)
    }

    /// The messages of a batch, at least one and at most so many; `None` for what is no batch (MCP 2025-03-26, "Batching").
    pub(crate) fn parse_batch(
        body: &'a [u8],
        max_depth: usize,
        max_messages: usize,
    ) -> Option<Result<Vec<Self>, Unreadable<'a>>> {
        if !body.trim_ascii_start().starts_with(b"[") {
            return None;
        }
        let read = || {
            let messages: Vec<&'a RawValue> = serde_json::from_str(readable(body, max_depth)?)
                .map_err(|error| Error::parse(format!("Parse error: {error}")))?;
            match messages.len() {
                0 => return Err(Error::invalid_request("Invalid request: the batch is empty").into()),
                count if count > max_messages => {
                    let message =
                        format!("Invalid request: the batch has {count} messages; {max_messages} are allowed");
                    return Err(Error::invalid_request(message).into());
                }
                _ => {}
            }
            messages.into_iter().map(|message| Self::parse_one(message.get())).collect()
        };
        Some(read())
    }

    fn parse_one(text: &'a str) -> Result<Self, Unreadable<'a>> {
        let envelope: Envelope<'a> = from_object(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Error::invalid_request(format!("Invalid request: {error}")),
            _ => Error::parse(format!("Parse error: {error}")),
        })?;
        let id = envelope.id.map(RequestId::parse).transpose()?;
        envelope.into_message(id).map_err(|error| Unreadable { id, error })
    }
}

fn readable(body: &[u8], max_depth: usize) -> Result<&str, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::parse("Parse error: the body is not valid UTF-8"))?;
    check_depth(body, max_depth)?;
    Ok(text.trim_ascii())
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    /// `null` is present, and not an id.
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn into_message(self, id: Option<RequestId<'a>>) -> Result<Message<'a>, Error> {
        if self.jsonrpc.as_deref() != Some("2.0") {
            return Err(Error::invalid_request("Invalid request: `jsonrpc` must be \"2.0\""));
        }
        let Some(method) = self.method else {
            let outcome = match (self.result, self.error) {
                (Some(result), None) => Ok(result),
                (None, Some(error)) => Err(refusal(error)),
                _ => return Err(Error::invalid_request("Invalid request: `method` is missing")),
            };
            return Ok(Message::Response(Response { id, outcome }));
        };
        if self.params.is_some_and(|raw| !is_object(raw)) {
            return Err(Error::invalid_params("Invalid params: `params` must be an object"));
        }
        let Some(id) = id else {
            let request_id = (method == CANCELLED).then(|| cancelled(self.params?)).flatten();
            return Ok(Message::Notification(Notification { method, request_id }));
        };
        let params = match self.params {
            None => Params::default(),
            Some(raw) => serde_json::from_str(raw.get())
                .map_err(|error| Error::invalid_params(format!("Invalid params: {}", without_position(&error))))?,
        };
        Ok(Message::Request(Request { id, method, params }))
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

/// Which request a client no longer wants. A notification that makes no sense is ignored, for it has no answer.
fn cancelled(params: &RawValue) -> Option<RequestId<'_>> {
    #[derive(Deserialize)]
    struct Cancelled<'a> {
        #[serde(rename = "requestId", borrow)]
        request_id: &'a RawValue,
    }
    let Cancelled { request_id } = serde_json::from_str(params.get()).ok()?;
    RequestId::parse(request_id).ok()
}

/// The members of an object, none of which is given twice.
pub(crate) struct UniqueMembers<'a>(pub(crate) HashMap<Cow<'a, str>, &'a RawValue>);

impl<'de> Deserialize<'de> for UniqueMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = UniqueMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<UniqueMembers<'de>, A::Error> {
                let mut members = HashMap::new();
                while let Some((Text(name), value)) = entries.next_entry()? {
                    if members.insert(name.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format_args!("`{}` is given twice", shown(&name))));
                    }
                }
                Ok(UniqueMembers(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// A derived `Deserialize` would take an array for a struct, too.
fn from_object<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    if text.is_empty() || text.starts_with('{') {
        return serde_json::from_str(text);
    }
    serde_json::from_str::<&RawValue>(text)?;
    Err(serde::de::Error::custom("the message must be an object"))
}

/// And for this one, too.
fn request_meta<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RequestMeta<'de>>, D::Error> {
    match <Option<&RawValue>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(raw) if is_object(raw) => serde_json::from_str(raw.get())
            .map(|meta| Some(RequestMeta { raw: Some(raw), ..meta }))
            .map_err(|error| serde::de::Error::custom(without_position(&error))),
        Some(_) => Err(serde::de::Error::custom("`_meta` must be an object")),
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// The message of a JSON error without the position, which is one inside of a part that the client never saw alone.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Skipping a value is not recursive in the parser, so the parser alone would let any depth pass.
fn check_depth(body: &[u8], max_depth: usize) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &str) -> (i32, String) {
        match Message::parse(body.as_bytes(), DEFAULT_MAX_DEPTH) {
            Err(unreadable) => (unreadable.error.code().unwrap_or_default(), unreadable.error.message().to_owned()),
            Ok(_) => panic!("{body} was read"),
        }
    }

    #[test]
    fn an_id_is_repeated_as_it_was_written() {
        for id in ["1", "-7", "\"a\\u0020b\"", "123456789012345678901234567890"] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            let Ok(Message::Request(request)) = Message::parse(body.as_bytes(), DEFAULT_MAX_DEPTH) else {
                panic!("{id}")
            };
            assert_eq!(request.id.as_json(), id);
        }
    }

    #[test]
    fn without_an_id_it_is_a_notification() {
        let body = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}"#;
        let Ok(Message::Notification(notification)) = Message::parse(body, DEFAULT_MAX_DEPTH) else {
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
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":null}"#,
                -32602,
                "Invalid params: `params` must be an object",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":1}}"#,
                -32602,
                "Invalid params: `_meta` must be an object",
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
        assert!(Message::parse(nested(126).as_bytes(), 128).is_ok());
        assert_eq!(error(&nested(127)), (-32700, "Parse error: the body is nested deeper than 128 levels".to_owned()));
        let quoted = format!(r#"{{"jsonrpc":"2.0","id":"{}\"{{","method":"x"}}"#, "[".repeat(500));
        assert!(Message::parse(quoted.as_bytes(), 128).is_ok());
    }
}
