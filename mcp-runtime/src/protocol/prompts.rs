//! The definitions of prompts, and the result of `prompts/get`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::{Content, Role, TextContent};
use super::icon::Icon;
use super::response::ResultBody;
use super::result_meta::own_members;
use super::version::ProtocolVersion;

/// The result of a prompt: messages to begin a conversation with.
///
/// Methods rarely build one; every return type is turned into it by [`IntoPromptResult`](crate::IntoPromptResult).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PromptResult {
    /// The purpose of the messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The messages, in their order.
    pub messages: Vec<PromptMessage>,
    /// The `_meta` of the result, without the members of the protocol. Its keys are like `com.example/cost`.
    #[serde(default, rename = "_meta", skip_serializing_if = "Map::is_empty", deserialize_with = "own_members")]
    pub meta: Map<String, Value>,
}

impl PromptResult {
    /// Makes a result of these messages.
    #[must_use]
    pub fn new(messages: Vec<PromptMessage>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// Sets the purpose of the messages.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Writes the result in the shape of a version.
    pub(crate) fn write(mut self, version: ProtocolVersion) -> ResultBody {
        for message in &mut self.messages {
            if let Cow::Owned(content) = message.content.for_version(version) {
                message.content = content;
            }
        }
        let mut body = ResultBody::new();
        if let Some(description) = &self.description {
            body.member("description", description);
        }
        body.member("messages", &self.messages);
        body.meta(&self.meta);
        body
    }
}

/// One message of a prompt.
///
/// ```
/// use mcp::{EmbeddedResource, PromptMessage};
///
/// let messages = [
///     PromptMessage::user("Review this file."),
///     PromptMessage::user(EmbeddedResource::text("file:///main.rs", "fn main() {}")),
///     PromptMessage::assistant("What should I look for?"),
/// ];
/// # assert_eq!(messages.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PromptMessage {
    /// The side that it is from.
    pub role: Role,
    /// Its block.
    pub content: Content,
}

impl PromptMessage {
    /// Makes a message of the person: text, or any block of content.
    pub fn user(content: impl Into<Content>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    /// Makes a message of the model: text, or any block of content.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        TextContent::new(text).into()
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        TextContent::new(text).into()
    }
}

/// A prompt in `prompts/list`.
#[derive(Serialize)]
pub(crate) struct PromptDefinition {
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'static str>,
    pub(crate) description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) arguments: Vec<PromptArgumentDefinition>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) icons: &'static [Icon],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub(crate) meta: Option<&'static RawValue>,
}

/// An argument of a prompt in `prompts/list`.
#[derive(Serialize)]
pub(crate) struct PromptArgumentDefinition {
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'static str>,
    pub(crate) required: bool,
}
