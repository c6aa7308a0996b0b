//! The `params` of a request with their `_meta`, read in one pass over the message.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::client::{Client, ClientCapabilities, DeclaredInfo};
use super::error::Error;
use super::logging::LogLevel;
use crate::json::read::{Object, Text, about, is_object, object, present, without_position};

/// Limits an id or a progress token, in bytes.
///
/// Every message about its request repeats it, so that a long one would make a thousand long messages of one.
pub(super) const MAX_ID: usize = 1024;

/// Limits the arguments that are read. A tool has fewer parameters, and each argument takes memory.
const MAX_ARGUMENTS: usize = 1000;

/// The members of `params` of all methods.
///
/// One pass over the body serves the checks that come before the method is looked at, and the method itself. The method
/// says what a member must be, so members are left raw.
#[derive(Default, Deserialize)]
pub(crate) struct Params<'a> {
    #[serde(rename = "_meta", borrow, default, deserialize_with = "request_meta")]
    meta: Option<RequestMeta<'a>>,
    /// `tools/call`, `prompts/get`.
    #[serde(borrow)]
    name: Option<TextMember<'a>>,
    /// `resources/read`, and subscriptions to one.
    #[serde(borrow)]
    uri: Option<TextMember<'a>>,
    /// `tools/call`, `prompts/get`.
    #[serde(borrow)]
    arguments: Option<Entries<'a>>,
    /// `completion/complete`: the item that has the argument.
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
    level: Option<TextMember<'a>>,
    /// A further round of a request that needed input.
    #[serde(rename = "inputResponses", borrow, default, deserialize_with = "present")]
    pub(crate) input_responses: Option<&'a RawValue>,
    /// A further round of a request that needed input.
    #[serde(rename = "requestState", borrow)]
    request_state: Option<TextMember<'a>>,
    /// Everything about tasks.
    #[serde(rename = "taskId", borrow)]
    task_id: Option<TextMember<'a>>,
    /// `initialize`.
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "clientInfo", borrow)]
    client_info: Option<&'a RawValue>,
    /// `notifications/cancelled`.
    #[serde(rename = "requestId", borrow)]
    pub(super) request_id: Option<&'a RawValue>,
    /// The lists.
    #[serde(borrow)]
    pub(crate) cursor: Option<&'a RawValue>,
    /// `initialize`.
    #[serde(rename = "protocolVersion", borrow)]
    protocol_version: Option<TextMember<'a>>,
}

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

/// The members of one method or another.
impl<'a> Params<'a> {
    /// Returns `name`.
    pub(crate) fn name(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("name", &self.name)
    }

    /// Returns `uri`.
    pub(crate) fn uri(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("uri", &self.uri)
    }

    /// Returns the arguments with their names, unread.
    pub(crate) fn arguments(&self) -> Result<&[Entry<'a>], Error> {
        self.arguments.as_ref().map_or(Ok(&[]), Entries::all)
    }

    /// Reads `level`, from which on the client wants log messages.
    pub(crate) fn level(&self) -> Result<LogLevel, Error> {
        match text("level", &self.level)? {
            Some(name) => LogLevel::parse(&name),
            None => Err(Error::invalid_params("Invalid params: `level` is missing")),
        }
    }

    /// Returns `taskId`.
    pub(crate) fn task_id(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("taskId", &self.task_id)
    }

    /// Returns `true` for a further round of a request that needed input.
    pub(crate) fn goes_on(&self) -> bool {
        self.input_responses.is_some() || self.request_state.is_some()
    }

    /// Returns `requestState`.
    pub(crate) fn request_state(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("requestState", &self.request_state)
    }

    /// Returns the version that `initialize` asks for.
    pub(crate) fn protocol_version(&self) -> Result<Option<Cow<'a, str>>, Error> {
        text("protocolVersion", &self.protocol_version)
    }

    /// Reads the client's account of itself in `initialize`.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        Ok(Client {
            info: self.client_info.map(|raw| read_member("clientInfo", raw)).transpose()?,
            capabilities: self
                .capabilities
                .map(|raw| read_member("capabilities", raw))
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

/// `_meta`.
impl<'a> Params<'a> {
    /// Returns the program that makes a modern request.
    pub(crate) fn client_info_of_request(&self) -> Option<&DeclaredInfo<'a>> {
        self.meta.as_ref()?.client_info.as_ref()
    }

    /// Returns the capabilities of the client that makes a modern request.
    pub(crate) fn client_capabilities(&self) -> Option<&ClientCapabilities> {
        self.meta.as_ref()?.client_capabilities.as_ref()
    }

    /// Returns the level from which on a modern request wants log messages.
    pub(crate) fn log_level(&self) -> Option<&str> {
        self.meta.as_ref()?.log_level.as_ref().map(|Text(text)| &**text)
    }

    /// Returns `true` if the request may belong to a trace.
    pub(crate) fn is_traced(&self) -> bool {
        self.meta.as_ref().is_some_and(|meta| meta.traceparent.is_some())
    }

    /// Returns the text or number under which progress is reported.
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

    /// Returns the version that the request itself names, as every modern one does.
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

fn text<'a>(member: &str, given: &Option<TextMember<'a>>) -> Result<Option<Cow<'a, str>>, Error> {
    match given {
        None => Ok(None),
        Some(TextMember(Ok(text))) => Ok(Some(text.clone())),
        Some(TextMember(Err(why))) => Err(Error::invalid_params(format!("Invalid params: `{member}`: {why}"))),
    }
}

/// Reads a member; its name is for the error.
pub(crate) fn read_member<'a, T: Deserialize<'a>>(name: &str, raw: &'a RawValue) -> Result<T, Error> {
    serde_json::from_str(raw.get())
        .map_err(|error| Error::invalid_params(format!("Invalid params: `{name}`: {}", without_position(&error))))
}

/// Reads a member that must be an object.
pub(crate) fn read_object<'a, T: Deserialize<'a>>(name: &str, raw: &'a RawValue) -> Result<T, Error> {
    if !is_object(raw) {
        return Err(Error::invalid_params(format!("Invalid params: `{name}` must be an object")));
    }
    read_member(name, raw)
}

/// Params that are an object, in a box as soon as they are read, because they are moved a few times.
#[derive(Default)]
pub(crate) struct BoxedParams<'a>(Box<Params<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for BoxedParams<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer, |params| Self(Box::new(params)))
    }
}

impl<'a> Deref for BoxedParams<'a> {
    type Target = Params<'a>;

    fn deref(&self) -> &Params<'a> {
        &self.0
    }
}

/// A member of an object, unread.
pub(crate) type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// Arguments, which must be an object; the method reports it if they are none.
pub(crate) enum Entries<'a> {
    All(Vec<Entry<'a>>),
    TooMany,
    NoObject,
}

impl<'a> Entries<'a> {
    /// Returns all arguments.
    pub(crate) fn all(&self) -> Result<&[Entry<'a>], Error> {
        let why = match self {
            Self::All(entries) => return Ok(entries),
            Self::TooMany => format!("has more than {MAX_ARGUMENTS} members"),
            Self::NoObject => "must be an object".to_owned(),
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
        Ok(Entries::NoObject)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Entries::NoObject)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Entries::NoObject)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Entries::NoObject)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Entries::NoObject)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entries::NoObject)
    }
}

/// A member that must be a text; the method reports it if it is none.
struct TextMember<'a>(Result<Cow<'a, str>, serde::de::value::Error>);

impl<'de: 'a, 'a> Deserialize<'de> for TextMember<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextReader)
    }
}

struct TextReader;

impl TextReader {
    fn wrong<E>(self, found: Unexpected<'_>) -> Result<TextMember<'static>, E> {
        Ok(TextMember(Err(serde::de::Error::invalid_type(found, &self))))
    }
}

impl<'de> Visitor<'de> for TextReader {
    type Value = TextMember<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextMember(Ok(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextMember(Ok(Cow::Owned(text.to_owned()))))
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
