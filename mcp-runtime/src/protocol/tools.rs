//! The results of `tools/call` and the definitions of `tools/list`, in the shape of each protocol version.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::{Content, TextContent};
use super::error::Error;
use super::icon::Icon;
use super::response::ResultBody;
use super::result_meta::own_members;
use super::version::ProtocolVersion;

/// The result of a tool: content, optional structured data, an error mark.
///
/// Tools rarely build one; every return type is turned into it by [`IntoToolResult`](crate::server::IntoToolResult).
/// Tests read it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResult {
    /// The blocks that the model reads.
    pub content: Vec<Content>,
    /// The result as data, which conforms to the tool's output schema.
    #[serde(default)]
    pub structured_content: Option<Box<RawValue>>,
    /// Set if the tool failed, and the model should know.
    #[serde(default)]
    pub is_error: bool,
    /// The `_meta` of the result, without the members of the protocol. Its keys are like `com.example/cost`.
    #[serde(default, rename = "_meta", deserialize_with = "own_members")]
    pub meta: Map<String, Value>,
}

impl ToolResult {
    /// Makes a successful result of these blocks.
    #[must_use]
    pub fn new(content: Vec<Content>) -> Self {
        Self { content, ..Self::default() }
    }

    /// Makes a result that tells the model what went wrong.
    pub fn error(message: impl Into<String>) -> Self {
        Self { content: vec![TextContent::new(message).into()], is_error: true, ..Self::default() }
    }

    /// Returns the text of all text blocks, joined by newlines.
    #[must_use]
    pub fn text(&self) -> String {
        self.content.iter().filter_map(Content::as_text).collect::<Vec<_>>().join("\n")
    }

    /// Returns the structured content as a type.
    ///
    /// ```
    /// # struct Calculator;
    /// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    /// struct Sum {
    ///     sum: i64,
    /// }
    ///
    /// # #[mcp::server]
    /// # impl Calculator {
    /// /// Add two numbers.
    /// #[mcp::tool]
    /// fn add(&self, a: i64, b: i64) -> mcp::Json<Sum> {
    ///     mcp::Json(Sum { sum: a + b })
    /// }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), mcp::Error> {
    /// let client = mcp::MemoryClient::new(Calculator);
    /// let sum: Sum = client.call_tool("add", serde_json::json!({"a": 1, "b": 2})).await?.structured()?;
    /// assert_eq!(sum.sum, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The protocol error -32603 with the content of the result, when the tool failed, or when there is no structured
    /// content of this type.
    pub fn structured<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let content = self.structured_content.as_deref();
        let problem = match content.map(|content| serde_json::from_str(content.get())) {
            _ if self.is_error => "the tool failed".to_owned(),
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => format!("the structured content is of another type ({error})"),
            None => "there is no structured content".to_owned(),
        };
        let content = content.map_or_else(|| self.text(), |content| content.get().to_owned());
        Err(Error::internal(format!("{problem}: {content}")))
    }

    /// Writes the result in the shape of a version.
    pub(crate) fn write(&self, version: ProtocolVersion) -> ResultBody {
        let mut body = ResultBody::new();
        body.array("content", &self.content, |out, content| content.for_version(version).write(out));
        if let Some(structured) = &self.structured_content
            && fits(version, structured.get().starts_with('{'))
        {
            body.raw("structuredContent", structured.get().as_bytes());
        }
        if self.is_error {
            body.member("isError", &true);
        }
        body.meta(&self.meta);
        body
    }
}

/// Returns `true` if a version has a place for structured content.
///
/// Since 2026-07-28 it may be anything; before, it was an object, and 2025-03-26 does not know it.
fn fits(version: ProtocolVersion, is_object: bool) -> bool {
    version.is_modern() || (version.has_structured_content() && is_object)
}

/// A tool in `tools/list`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolDefinition<'a> {
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'a str>,
    pub(crate) description: &'a str,
    pub(crate) input_schema: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_schema: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "ToolAnnotations::is_empty")]
    pub(crate) annotations: ToolAnnotations,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) icons: &'static [Icon],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub(crate) meta: Option<&'static RawValue>,
}

/// Returns `true` if a version has a place for structured content of this schema.
pub(crate) fn fits_schema(version: ProtocolVersion, schema: &Map<String, Value>) -> bool {
    fits(version, schema.get("type").is_some_and(|kind| kind == "object"))
}

/// The schema of the arguments: an object with these properties, in the order of the parameters.
///
/// The schema does not say that there are no others, although others are an error of the call, because google-genai converts no
/// tool that says so. The specification recommends `{"type": "object", "additionalProperties": false}` where there are no
/// parameters; OpenAI's API and langchain-mcp-adapters want `properties` there, too.
pub(crate) struct InputSchema {
    pub(crate) properties: Vec<(Cow<'static, str>, Map<String, Value>)>,
    pub(crate) required: Vec<Cow<'static, str>>,
    /// The schemas that properties refer to.
    pub(crate) definitions: Map<String, Value>,
}

impl Serialize for InputSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Properties<'a>(&'a [(Cow<'static, str>, Map<String, Value>)]);

        impl Serialize for Properties<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, schema)| (name, schema)))
            }
        }

        let mut schema = serializer.serialize_map(None)?;
        schema.serialize_entry("type", "object")?;
        schema.serialize_entry("properties", &Properties(&self.properties))?;
        if !self.required.is_empty() {
            schema.serialize_entry("required", &self.required)?;
        }
        if !self.definitions.is_empty() {
            schema.serialize_entry("$defs", &self.definitions)?;
        }
        schema.end()
    }
}

/// Hints for the client about the effects of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolAnnotations {
    /// Changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_only_hint: Option<bool>,
    /// May destroy something, rather than only add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destructive_hint: Option<bool>,
    /// Changes nothing more when it is called again with the same arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idempotent_hint: Option<bool>,
    /// Deals with things outside of a closed domain, such as the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open_world_hint: Option<bool>,
}

impl ToolAnnotations {
    pub(crate) const NONE: Self =
        Self { read_only_hint: None, destructive_hint: None, idempotent_hint: None, open_world_hint: None };

    fn is_empty(&self) -> bool {
        *self == Self::NONE
    }
}
