//! One JSON-RPC message, parsed once and borrowing from its bytes.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;

use super::error::Error;
use super::params::{BoxedParams, MAX_ID};
use crate::json::check::{TextProblem, check};
use crate::json::private_names::PRIVATE;
use crate::json::read::{Object, Text, is_object, present, without_position};
use crate::json::truncate::truncated;

/// The default limit on the nesting of JSON; the parser itself stops here, too.
pub(crate) const DEFAULT_MAX_DEPTH: usize = 128;

/// Limits the `_meta` that a method reads, in bytes.
const MAX_META: usize = 64 * 1024;

const CANCELLED: &str = "notifications/cancelled";

/// A message from the client.
pub(crate) enum Message<'a> {
    /// A request.
    Request(Request<'a>),
    /// A notification, which has no response.
    Notification(Notification<'a>),
    /// The response to a request of the server.
    Response(Response<'a>),
}

/// A request of the client.
pub(crate) struct Request<'a> {
    pub(crate) id: RequestId<'a>,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: BoxedParams<'a>,
    /// The bytes of the whole message.
    pub(crate) message: Bytes,
}

impl<'a> Request<'a> {
    /// Reads the message of a request again, for members that few methods need.
    pub(crate) fn read_again(message: &'a Bytes) -> Option<Self> {
        match Message::parse_one(str::from_utf8(message).ok()?, message) {
            Ok(Message::Request(request)) => Some(request),
            _ => None,
        }
    }

    /// Reads the `_meta` in the message of a request. A message without one has an empty object.
    pub(crate) fn meta<T: DeserializeOwned>(message: &[u8]) -> Result<T, Error> {
        #[derive(Deserialize)]
        struct Message<'a> {
            #[serde(borrow)]
            params: Option<Params<'a>>,
        }
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(rename = "_meta", borrow)]
            meta: Option<&'a RawValue>,
        }
        let invalid = |why: &str| Error::invalid_params(format!("Invalid params: `_meta`: {why}"));
        let message: Message<'_> =
            serde_json::from_slice(message).map_err(|error| invalid(&without_position(&error)))?;
        let meta = message.params.and_then(|params| params.meta).map_or("{}", RawValue::get);
        if meta.len() > MAX_META {
            return Err(invalid(&format!("longer than {MAX_META} bytes")));
        }
        serde_json::from_str(meta).map_err(|error| invalid(&without_position(&error)))
    }

    /// Returns the item that the request names, if it names one.
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

/// The response of the client to a request of the server.
pub(crate) struct Response<'a> {
    /// Absent in an error about an unreadable message.
    pub(crate) id: Option<RequestId<'a>>,
    /// The result, or the error, which is for people.
    pub(crate) outcome: Result<&'a RawValue, Error>,
}

/// An item that a request names.
pub(crate) enum Target<'a> {
    Tool(Cow<'a, str>),
    Prompt(Cow<'a, str>),
    Resource(Cow<'a, str>),
}

impl Target<'_> {
    /// Returns the name of a tool.
    pub(crate) fn tool(&self) -> Option<&str> {
        if let Self::Tool(name) = self { Some(name) } else { None }
    }

    /// Returns the name of a prompt.
    pub(crate) fn prompt(&self) -> Option<&str> {
        if let Self::Prompt(name) = self { Some(name) } else { None }
    }

    /// Returns the URI of a resource.
    pub(crate) fn resource(&self) -> Option<&str> {
        if let Self::Resource(uri) = self { Some(uri) } else { None }
    }
}

/// A notification of the client.
pub(crate) struct Notification<'a> {
    pub(crate) method: Cow<'a, str>,
    /// The request that `notifications/cancelled` cancels; no other notification has an effect.
    pub(crate) request_id: Option<RequestId<'a>>,
}

/// The id of a request: a string or an integer, exactly as the client wrote it.
#[derive(Clone, Copy)]
pub(crate) struct RequestId<'a>(&'a str);

impl<'a> RequestId<'a> {
    /// The id in the response to a request that was not read (JSON-RPC 2.0 §5).
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

    /// Wraps an id that was read before.
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }

    /// Returns the id as JSON.
    pub(crate) fn as_json(&self) -> &'a str {
        self.0
    }
}

/// A message that cannot be read, with its id if that is readable.
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
    /// Returns the id of a request, or of the request that the client responds to.
    pub(crate) fn id(&self) -> Option<RequestId<'a>> {
        match self {
            Self::Request(request) => Some(request.id),
            Self::Notification(_) => None,
            Self::Response(response) => response.id,
        }
    }

    /// Returns the method of a request or a notification.
    pub(crate) fn method(&self) -> Option<&str> {
        match self {
            Self::Request(request) => Some(&request.method),
            Self::Notification(notification) => Some(&notification.method),
            Self::Response(_) => None,
        }
    }

    /// Returns the item that a request names, if it names one.
    pub(crate) fn target(&self) -> Option<Target<'a>> {
        match self {
            Self::Request(request) => request.target(),
            Self::Notification(_) | Self::Response(_) => None,
        }
    }

    /// Reads a message that is no batch.
    pub(crate) fn parse(body: &'a Bytes, max_depth: usize) -> Result<Self, Unreadable<'a>> {
        let text = readable(body, max_depth)?;
        if text.starts_with('[') {
            return Err(Error::invalid_request("Invalid request: batches are not supported; send one message").into());
        }
        Self::parse_one(text, body)
    }

    /// Reads the messages of a batch, at least one (MCP 2025-03-26, "Batching").
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

    /// Reads one message of `body`.
    fn parse_one(text: &'a str, body: &Bytes) -> Result<Self, Unreadable<'a>> {
        let message = body.slice_ref(text.as_bytes());
        match serde_json::from_str::<Object<Envelope<'a, BoxedParams<'a>>>>(text) {
            Ok(Object(envelope)) => envelope.into_message(message, Ok),
            // Once more, part by part, to find the part that is wrong.
            Err(_) => outline(text)?.into_message(message, read_params),
        }
    }
}

/// Reads a message without its `params`.
fn outline(text: &str) -> Result<Envelope<'_, &RawValue>, Unreadable<'_>> {
    let Object(envelope) = serde_json::from_str::<Object<Envelope<'_, &RawValue>>>(text).map_err(|error| {
        // A member of a wrong type is reported before invalid JSON behind it.
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
    check(body, max_depth).map_err(|problem| {
        Error::parse(match problem {
            TextProblem::TooDeep => format!("Parse error: the body is nested deeper than {max_depth} levels"),
            TextProblem::PrivateName => format!("Parse error: no text may begin with `{PRIVATE}`"),
        })
    })?;
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
    /// Also absent if `null`, as some clients write it.
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
            // A wrong one is ignored, because it has no response.
            let request_id = params.ok().filter(|_| method == CANCELLED).and_then(|params| params.request_id);
            let request_id = request_id.and_then(|id| RequestId::parse(id).ok());
            return Ok(Message::Notification(Notification { method, request_id }));
        };
        let params = params.map_err(|error| Unreadable { id: Some(id), error })?;
        Ok(Message::Request(Request { id, method, params, message }))
    }
}

/// Reads the error of a client, whose message is for people.
fn refusal(error: &RawValue) -> Error {
    #[derive(Deserialize)]
    struct Refusal<'a> {
        code: i32,
        #[serde(borrow)]
        message: Cow<'a, str>,
    }
    match serde_json::from_str(error.get()) {
        Ok(Refusal { code, message }) => Error::new(code, truncated(&message).to_owned()),
        Err(_) => Error::internal("it does not say why"),
    }
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
