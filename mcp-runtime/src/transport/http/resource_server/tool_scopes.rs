//! The scopes of the tools that a message calls.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::auth::ProtectionError;
use crate::json::read::{Text, without_position};
use crate::limits::RequestLimits;
use crate::protocol::error::Error;
use crate::protocol::message::{Message, Target, Unreadable};
use crate::transport::http::request::headers::mirror;

/// The scopes of tools, beyond those of every request.
#[derive(Debug, Clone, Default)]
pub(super) struct ToolScopes {
    tools: HashMap<String, Vec<&'static str>>,
    others: Vec<&'static str>,
}

impl ToolScopes {
    pub(super) fn add(&mut self, name: String, scopes: Vec<&'static str>) -> Result<(), ProtectionError> {
        match self.tools.entry(name) {
            Entry::Occupied(entry) => Err(ProtectionError::repeated_tool(entry.key())),
            Entry::Vacant(entry) => {
                entry.insert(scopes);
                Ok(())
            }
        }
    }

    pub(super) fn set_others(&mut self, scopes: Vec<&'static str>) {
        self.others = scopes;
    }

    /// Returns the scopes of the tool that a message calls.
    pub(super) fn of_message(&self, message: &Message<'_>) -> &[&'static str] {
        match message.target() {
            Some(Target::Tool(name)) => self.tools.get(&*name).unwrap_or(&self.others),
            _ => &[],
        }
    }
}

/// Reads the messages of a body: one, or a batch.
///
/// Any version of the protocol can be behind the layer, so that the body decides whether it is a batch.
pub(super) fn read_messages<'a>(
    body: &'a Bytes,
    headers: &HeaderMap,
    limits: &RequestLimits,
) -> Result<Vec<Message<'a>>, Unreadable<'a>> {
    let messages = if body.trim_ascii_start().starts_with(b"[") {
        Message::parse_batch(body, limits.json_depth, limits.batch)?
    } else {
        vec![Message::parse(body, limits.json_depth)?]
    };
    refuse_lookalikes(body)?;
    for message in &messages {
        check(message, headers).map_err(|error| Unreadable { id: message.id(), error })?;
    }
    Ok(messages)
}

/// Checks that a message calls a tool with a name, if it calls one, and that the headers repeat it.
fn check(message: &Message<'_>, headers: &HeaderMap) -> Result<(), Error> {
    let calls_tool = message.method() == Some("tools/call");
    match message {
        Message::Request(request) => {
            mirror(headers, request)?;
            if calls_tool && request.params.name()?.is_none() {
                return Err(Error::invalid_params("Invalid params: `name` is missing"));
            }
        }
        Message::Notification(_) if calls_tool => {
            return Err(Error::invalid_request("Invalid request: `tools/call` needs an `id`"));
        }
        Message::Notification(_) | Message::Response(_) => {}
    }
    Ok(())
}

/// Refuses members that a parser without regard to case would take for those that the layer reads.
///
/// Such a parser takes the last of `method` and `Method`, and folds some letters beyond ASCII, too.
fn refuse_lookalikes(body: &[u8]) -> Result<(), Error> {
    let checked = Spelling::Message.deserialize(&mut serde_json::Deserializer::from_slice(body));
    checked.map_err(|error| Error::invalid_request(format!("Invalid request: {}", without_position(&error))))
}

/// A visitor that checks the spelling of members, and keeps nothing.
#[derive(Clone, Copy)]
enum Spelling {
    /// A message, or a batch of messages.
    Message,
    Params,
}

impl Spelling {
    fn members(self) -> &'static [&'static str] {
        match self {
            Self::Message => &["jsonrpc", "id", "method", "params"],
            Self::Params => &["name"],
        }
    }
}

impl<'de> DeserializeSeed<'de> for Spelling {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Spelling {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = members.next_key::<Text<'de>>()? {
            if let Some(meant) = self.members().iter().find(|known| is_lookalike(&name, known)) {
                return Err(A::Error::custom(format_args!("the member `{name}` must be spelled `{meant}`")));
            }
            match (self, &*name) {
                (Self::Message, "params") => members.next_value_seed(Self::Params)?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut messages: A) -> Result<(), A::Error> {
        while messages.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Returns `true` if a name differs from a known one in the case of letters only.
fn is_lookalike(name: &str, known: &str) -> bool {
    let folded = |text: &str| text.chars().flat_map(char::to_uppercase).collect::<Cow<'_, str>>();
    name != known && folded(name) == folded(known)
}
