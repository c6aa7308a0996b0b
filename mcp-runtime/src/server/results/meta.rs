//! Return values with `_meta`.

use mcp_core::MetaKey;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use super::prompt::{IntoPromptResult, PromptWrapper, WrappedPrompt};
use super::resource::{IntoResource, ResourceWrapper, WrappedResource};
use super::tool::{IntoToolResult, ToolWrapper, WrappedToolResult};
use crate::protocol::error::Error;
use crate::protocol::prompts::PromptResult;
use crate::protocol::resources::ReadResult;
use crate::protocol::result_meta::ResultMeta;
use crate::protocol::tools::ToolResult;
use crate::server::declare::wrapper::wrappers;

/// A return value with `_meta`, which programs read and models do not.
///
/// Tools, resources and prompts can return it, with any value that they can return. The output schema of a tool stays
/// that of the value.
///
/// ```
/// use mcp::{Json, WithMeta};
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Weather {
///     celsius: f64,
/// }
///
/// # struct Station;
/// # #[mcp::server]
/// # impl Station {
/// /// Measure the temperature.
/// #[mcp::tool(read_only)]
/// fn measure(&self) -> WithMeta<Json<Weather>> {
///     WithMeta::new(Json(Weather { celsius: 22.5 })).meta("com.example/sensor", 7)
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it does nothing unless a method returns it"]
pub struct WithMeta<R> {
    value: R,
    meta: Result<ResultMeta, Error>,
}

impl<R> WithMeta<R> {
    /// Makes a return value without `_meta`, to which members are added.
    pub fn new(value: R) -> Self {
        Self { value, meta: Ok(ResultMeta::new()) }
    }

    /// Adds a member, with a key like `com.example/cost` (MCP, "General fields": `_meta`).
    ///
    /// A second member with the same key replaces the first. A key that the specification forbids or reserves, or a
    /// value without a JSON form, makes the result an internal error, which is logged.
    pub fn meta(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        self.meta = self.meta.and_then(|mut meta| {
            let wrong = |cause: String| Error::internal("The result has no valid `_meta`").with_source(cause);
            let key = MetaKey::parse(key).map_err(|error| wrong(error.to_string()))?;
            let value = serde_json::to_value(value).map_err(|error| wrong(error.to_string()))?;
            meta.insert(key.as_str().to_owned(), value);
            Ok(meta)
        });
        self
    }
}

impl<T: IntoToolResult> WrappedToolResult for WithMeta<T> {
    fn convert(self) -> Result<ToolResult, Error> {
        let mut result = self.value.into_tool_result()?;
        result.meta.extend(self.meta?);
        Ok(result)
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        T::output_schema(generator)
    }
}

impl<T: IntoResource> WrappedResource for WithMeta<T> {
    fn convert(self) -> Result<ReadResult, Error> {
        let mut result = self.value.into_resource()?;
        result.meta.extend(self.meta?);
        Ok(result)
    }
}

impl<T: IntoPromptResult> WrappedPrompt for WithMeta<T> {
    fn convert(self) -> Result<PromptResult, Error> {
        let mut result = self.value.into_prompt_result()?;
        result.meta.extend(self.meta?);
        Ok(result)
    }
}

wrappers!(ToolWrapper: [T] WithMeta<T>);
wrappers!(ResourceWrapper: [T] WithMeta<T>);
wrappers!(PromptWrapper: [T] WithMeta<T>);
