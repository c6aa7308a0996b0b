//! The definitions of prompts, and the result of `prompts/get`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::content::{Content, Role, TextContent};
use super::icon::Icon;
use super::response::ResultBody;
use super::tools::without_links;
use super::version::ProtocolVersion;

/// What a prompt answers: messages to begin a conversation with.
///
/// Methods rarely build one; every return type is turned into it by [`IntoPromptResult`](crate::IntoPromptResult).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PromptResult {
    /// What these messages are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The messages, in their order.
    pub messages: Vec<PromptMessage>,
}

impl PromptResult {
    /// A result of these messages.
    #[must_use]
    pub fn new(messages: Vec<PromptMessage>) -> Self {
        Self { description: None, messages }
    }

    /// Says what the messages are for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Writes the result in the shape of a version.
    pub(crate) fn write(mut self, version: ProtocolVersion) -> ResultBody {
        if !version.has_structured_content() {
            self.messages.iter_mut().for_each(|message| message.content = without_links(&message.content));
        }
        let mut body = ResultBody::new();
        if let Some(description) = &self.description {
            body.member("description", description);
        }
        body.member("messages", &self.messages);
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

impl PromptMessage {
    /// A message of the person: text, or any block of content.
    pub fn user(content: impl Into<Content>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    /// A message of the model: text, or any block of content.
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

/// A prompt as `prompts/list` shows it.
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

#[derive(Serialize)]
pub(crate) struct PromptArgumentDefinition {
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'static str>,
    pub(crate) required: bool,
}
