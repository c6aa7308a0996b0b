//! `sampling/createMessage`: a question to the client's model, and its answer.

use std::fmt;

use serde::de::{SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::client::ClientCapabilities;
use super::content::{AudioContent, Content, ImageContent, Role, TextContent};
use super::version::ProtocolVersion;

/// A question to the model of the client: a conversation so far, to be continued.
///
/// The client decides which model answers, and whether the user must agree.
///
/// ```
/// use mcp::{Context, Sampling};
///
/// async fn summary(cx: &Context, text: &str) -> Result<String, mcp::Error> {
///     let sampling = Sampling::new(200)
///         .system("You are brief.")
///         .user(format!("Sum this up: {text}"))
///         .temperature(0.2);
///     Ok(cx.sample("summary", sampling).await?.text())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sampling {
    messages: Vec<SamplingMessage>,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_prompt: Option<String>,
    #[serde(skip_serializing_if = "ModelPreferences::is_empty")]
    model_preferences: ModelPreferences,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_context: Option<IncludeContext>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<SamplingTool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<WireToolChoice>,
}

impl Sampling {
    /// Makes a question whose answer has at most this many tokens.
    #[must_use]
    pub fn new(max_tokens: u32) -> Self {
        Self {
            messages: Vec::new(),
            max_tokens,
            system_prompt: None,
            model_preferences: ModelPreferences::default(),
            temperature: None,
            stop_sequences: Vec::new(),
            include_context: None,
            metadata: Map::new(),
            tools: Vec::new(),
            tool_choice: None,
        }
    }

    /// Adds a message of the user: a text, a picture, sound.
    #[must_use]
    pub fn user(self, content: impl Into<SamplingContent>) -> Self {
        self.message(SamplingMessage { role: Role::User, content: vec![content.into()] })
    }

    /// Adds a message of the model.
    #[must_use]
    pub fn assistant(self, content: impl Into<SamplingContent>) -> Self {
        self.message(SamplingMessage { role: Role::Assistant, content: vec![content.into()] })
    }

    /// Adds a message. Messages of several blocks came with 2025-11-25.
    #[must_use]
    pub fn message(mut self, message: SamplingMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// Sets the instructions that the model reads before the conversation.
    #[must_use]
    pub fn system(mut self, prompt: impl Into<String>) -> Self {
        self.system_prompt = Some(prompt.into());
        self
    }

    /// Sets the randomness of the answer, on a scale of the model's own.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Ends the answer before this text.
    #[must_use]
    pub fn stop_sequence(mut self, text: impl Into<String>) -> Self {
        self.stop_sequences.push(text.into());
        self
    }

    /// Suggests a model by a part of its name. The first suggestion is preferred.
    #[must_use]
    pub fn model(mut self, hint: impl Into<String>) -> Self {
        self.model_preferences.hints.push(ModelHint { name: hint.into() });
        self
    }

    /// Sets the weight of a low price, from 0 to 1.
    #[must_use]
    pub fn cost_priority(mut self, priority: f64) -> Self {
        self.model_preferences.cost_priority = Some(priority);
        self
    }

    /// Sets the weight of a fast answer, from 0 to 1.
    #[must_use]
    pub fn speed_priority(mut self, priority: f64) -> Self {
        self.model_preferences.speed_priority = Some(priority);
        self
    }

    /// Sets the weight of a capable model, from 0 to 1.
    #[must_use]
    pub fn intelligence_priority(mut self, priority: f64) -> Self {
        self.model_preferences.intelligence_priority = Some(priority);
        self
    }

    /// Lets the model read messages of servers. Needs the capability `sampling.context`.
    #[must_use]
    pub fn include_context(mut self, context: IncludeContext) -> Self {
        self.include_context = Some(context);
        self
    }

    /// Passes a value on to the provider of the model.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Lets the model use a tool.
    ///
    /// The model then ends its answer with a [`SamplingContent::ToolUse`]. `input_schema` is the JSON Schema of an
    /// object. Needs the capability `sampling.tools`.
    #[must_use]
    pub fn tool(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        input_schema: Map<String, Value>,
    ) -> Self {
        self.tools.push(SamplingTool { name: name.into(), description: description.into(), input_schema });
        self
    }

    /// Sets the use of tools. Needs the capability `sampling.tools`.
    #[must_use]
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(WireToolChoice { mode: choice });
        self
    }

    /// Returns the `params` of the request in the shape of a version.
    ///
    /// A message had one block before 2025-11-25, so that one of several blocks becomes several messages.
    pub(crate) fn params(mut self, version: ProtocolVersion) -> Self {
        if version < ProtocolVersion::V2025_11_25 {
            let split = |SamplingMessage { role, content }| {
                content.into_iter().map(move |block| SamplingMessage::new(role, vec![block]))
            };
            self.messages = self.messages.into_iter().flat_map(split).collect();
        }
        self
    }

    /// Returns the capabilities that the client must declare.
    pub(crate) fn needs(&self) -> ClientCapabilities {
        ClientCapabilities {
            sampling: true,
            sampling_context: self.include_context.is_some_and(|context| context != IncludeContext::None),
            sampling_tools: !self.tools.is_empty()
                || self.tool_choice.is_some()
                || self.messages.iter().any(uses_tools),
            ..ClientCapabilities::default()
        }
    }
}

fn uses_tools(message: &SamplingMessage) -> bool {
    let has_to_do_with_tools =
        |block: &_| matches!(block, SamplingContent::ToolUse(_) | SamplingContent::ToolResult(_));
    message.content.iter().any(has_to_do_with_tools)
}

/// The servers whose messages the model may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum IncludeContext {
    /// No server, which is the default.
    None,
    /// This server.
    ThisServer,
    /// All servers of the client.
    AllServers,
}

/// The use that a model makes of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// The model decides, which is the default.
    Auto,
    /// The model uses at least one tool.
    Required,
    /// The model uses no tool.
    None,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct WireToolChoice {
    mode: ToolChoice,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelPreferences {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<ModelHint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_priority: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed_priority: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intelligence_priority: Option<f64>,
}

impl ModelPreferences {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ModelHint {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SamplingTool {
    name: String,
    description: String,
    input_schema: Map<String, Value>,
}

/// One message of a conversation with a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// The side that it is from.
    pub role: Role,
    /// Its blocks. On the wire, one block may stand for a list of one; older versions know nothing else.
    #[serde(serialize_with = "one_or_many", deserialize_with = "blocks")]
    pub content: Vec<SamplingContent>,
}

impl SamplingMessage {
    /// Makes a message of these blocks.
    #[must_use]
    pub fn new(role: Role, content: Vec<SamplingContent>) -> Self {
        Self { role, content }
    }
}

/// The answer of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SamplingResult {
    /// The side that it is from; usually the assistant.
    pub role: Role,
    /// The blocks of the answer.
    #[serde(deserialize_with = "blocks")]
    pub content: Vec<SamplingContent>,
    /// The model that answered.
    pub model: String,
    /// The reason for its end: `endTurn`, `stopSequence`, `maxTokens`, `toolUse` or another.
    pub stop_reason: Option<String>,
}

impl SamplingResult {
    /// Returns the text of all text blocks, joined by newlines.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|block| match block {
            SamplingContent::Text(content) => Some(content.text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// One block of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SamplingContent {
    /// Text.
    Text(TextContent),
    /// A picture.
    Image(ImageContent),
    /// Sound.
    Audio(AudioContent),
    /// A tool that the model wants to use. Since 2025-11-25.
    ToolUse(ToolUse),
    /// The result of a tool. Since 2025-11-25.
    ToolResult(ToolUseResult),
}

impl From<String> for SamplingContent {
    fn from(text: String) -> Self {
        Self::Text(TextContent::new(text))
    }
}

impl From<&str> for SamplingContent {
    fn from(text: &str) -> Self {
        Self::Text(TextContent::new(text))
    }
}

macro_rules! blocks {
    ($($block:ident => $variant:ident),* $(,)?) => {$(
        impl From<$block> for SamplingContent {
            fn from(block: $block) -> Self {
                Self::$variant(block)
            }
        }
    )*};
}

blocks! {
    TextContent => Text,
    ImageContent => Image,
    AudioContent => Audio,
    ToolUse => ToolUse,
    ToolUseResult => ToolResult,
}

/// A tool that a model wants to use.
///
/// Run it, and ask the model again with its [result](ToolUseResult).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolUse {
    /// The id that the result refers to.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub input: Map<String, Value>,
}

/// The result of a tool that a model wanted to use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolUseResult {
    /// The [`ToolUse::id`] of the use.
    pub tool_use_id: String,
    /// The blocks that the model reads.
    pub content: Vec<Content>,
    /// Set if the tool failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

impl ToolUseResult {
    /// Makes the result of a tool that succeeded.
    pub fn new(tool_use_id: impl Into<String>, content: Vec<Content>) -> Self {
        Self { tool_use_id: tool_use_id.into(), content, is_error: false }
    }

    /// Marks the tool as failed.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.is_error = true;
        self
    }
}

fn one_or_many<S: Serializer>(blocks: &[SamplingContent], serializer: S) -> Result<S::Ok, S::Error> {
    match blocks {
        [block] => block.serialize(serializer),
        blocks => blocks.serialize(serializer),
    }
}

/// Reads one block, or a list of them. An untagged enum would not report the mistake in either.
fn blocks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SamplingContent>, D::Error> {
    struct Blocks;

    impl<'de> Visitor<'de> for Blocks {
        type Value = Vec<SamplingContent>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a content block or a list of them")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, block: A) -> Result<Self::Value, A::Error> {
            Ok(vec![SamplingContent::deserialize(MapAccessDeserializer::new(block))?])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut blocks = Vec::new();
            while let Some(block) = seq.next_element()? {
                blocks.push(block);
            }
            Ok(blocks)
        }
    }

    deserializer.deserialize_any(Blocks)
}

#[cfg(test)]
mod tests;
