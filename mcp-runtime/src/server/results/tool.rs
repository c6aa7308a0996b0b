//! The return types of tools.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::value::RawValue;

use super::failure::Failure;
use super::finite::{NoJson, to_raw};
use crate::protocol::content::{AudioContent, Content, EmbeddedResource, ImageContent, ResourceLink, TextContent};
use crate::protocol::error::Error;
use crate::protocol::tools::ToolResult;
use crate::server::declare::wrapper::{with_message, wrappers};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a tool",
    label = "not something that a tool can return",
    note = "return text, a number, a `bool`, `()`, `Vec<String>`, content blocks, or a `Result` of them",
    note = "data is returned as `mcp::Json(value)`, of a type with `#[derive(serde::Serialize, schemars::JsonSchema)]`",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
]

/// A type that a tool can return.
///
/// | type | content for the model |
/// |---|---|
/// | `String`, `&str`, `Cow<str>` | the text |
/// | numbers, `bool` | the value as text |
/// | `()` | nothing |
/// | `Vec<String>` | one block of text per item |
/// | [`TextContent`], [`ImageContent`], [`AudioContent`], [`ResourceLink`], [`EmbeddedResource`] | that block |
/// | [`Content`], `Vec<Content>` | those blocks |
/// | [`Json<T>`] | the value as structured content, with its output schema, and as text |
/// | [`JsonWithText<T>`] | the value as structured content, with its output schema, and another text |
/// | [`WithMeta<T>`](crate::WithMeta) | `T`, with `_meta` for programs |
/// | [`ToolResult`] | its content |
/// | `Result<T, E>` | `T`, or the error |
///
/// | error `E` | for the client |
/// |---|---|
/// | [`Error`](struct@Error) | what it says, to the developer or to the model |
/// | `String`, `&'static str` | the text, to the model |
/// | a type with [`ToolError`](crate::ToolError) | what the type decides |
/// | any other `std::error::Error`, `anyhow::Error` | "Internal error" with an id, by which the log has its text |
///
/// An error in a box is a `Box<dyn std::error::Error + Send + Sync>`. A type that is no `std::error::Error` converts
/// itself:
///
/// ```
/// enum Failure {
///     NotFound,
///     Database(std::io::Error),
/// }
///
/// impl From<Failure> for mcp::Error {
///     fn from(failure: Failure) -> Self {
///         match failure {
///             Failure::NotFound => Self::tool("there is no such note"),
///             Failure::Database(error) => error.into(),
///         }
///     }
/// }
/// ```
///
/// An implementation for your own type converts it to one of these:
///
/// ```
/// use mcp::{Error, IntoToolResult, ToolResult};
///
/// struct Celsius(f64);
///
/// impl IntoToolResult for Celsius {
///     fn into_tool_result(self) -> Result<ToolResult, Error> {
///         format!("{} °C", self.0).into_tool_result()
///     }
/// }
/// ```
pub trait IntoToolResult {
    /// Turns the value into a result.
    ///
    /// # Errors
    /// A protocol error, when there is no result.
    fn into_tool_result(self) -> Result<ToolResult, Error>;

    /// Returns the schema of the structured content, if the type has one.
    #[must_use]
    fn output_schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        let _ = generator;
        None
    }
}

/// A wrapper of a type that a tool returns.
#[doc(hidden)]
pub trait ToolWrapper {
    /// The wrapper itself. rustc does not report a condition on it for other types.
    type Whole;

    fn whole(self) -> Self::Whole;
}
}

wrappers!(ToolWrapper: [T] Json<T>, [T] JsonWithText<T>, [T, E] Result<T, E>);

/// A [`ToolWrapper`] of a type that a tool can return.
pub trait WrappedToolResult {
    fn convert(self) -> Result<ToolResult, Error>;
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
}

impl<W: ToolWrapper> IntoToolResult for W
where
    W::Whole: WrappedToolResult,
{
    fn into_tool_result(self) -> Result<ToolResult, Error> {
        self.whole().convert()
    }

    fn output_schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        W::Whole::schema(generator)
    }
}

/// Structured data as a result.
///
/// The tool gets an output schema from `T`. Its result has the value as `structuredContent` for programs, and as text
/// for models and older clients. Protocol 2025-03-26 has no structured content, and before 2026-07-28 it must be an
/// object. Wrap a list in a struct if older clients need it as data.
///
/// NaN and the infinities are no numbers in JSON. A value with one of them is an error, which names its place. The struct
/// will never have another field, so that `Json(value)` constructs it.
///
/// ```
/// use mcp::Json;
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Weather {
///     celsius: f64,
/// }
///
/// struct Station;
///
/// #[mcp::server]
/// impl Station {
///     /// Measure the temperature.
///     #[mcp::tool(read_only)]
///     fn measure(&self) -> Json<Weather> {
///         Json(Weather { celsius: 22.5 })
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// Replaces the text that models read, which is the JSON of the value by default.
    ///
    /// The structured content and the output schema stay those of the value.
    ///
    /// ```
    /// use mcp::{Json, JsonWithText};
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
    /// fn measure(&self) -> JsonWithText<Weather> {
    ///     Json(Weather { celsius: 22.5 }).with_text("It is warm, 22.5 °C.")
    /// }
    /// # }
    /// ```
    pub fn with_text(self, text: impl Into<String>) -> JsonWithText<T> {
        JsonWithText { value: self.0, text: text.into() }
    }
}

/// Structured data as the result of a tool, with a text of its own.
///
/// It is made by [`Json::with_text`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it does nothing unless a tool returns it"]
pub struct JsonWithText<T> {
    value: T,
    text: String,
}

/// Data that can be sent as JSON and described by a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as JSON",
    label = "not data that has a JSON form and a schema",
    note = "the value needs a type with `#[derive(serde::Serialize, schemars::JsonSchema)]`; wrap one of another crate in one of yours",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
pub trait Structured: Serialize + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> Structured for T {}

impl<T: Structured> WrappedToolResult for Json<T> {
    fn convert(self) -> Result<ToolResult, Error> {
        let json = to_json(&self.0, "tool")?;
        let mut result = json.get().into_tool_result()?;
        result.structured_content = Some(json);
        Ok(result)
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.root_schema_for::<T>())
    }
}

impl<T: Structured> WrappedToolResult for JsonWithText<T> {
    fn convert(self) -> Result<ToolResult, Error> {
        let json = to_json(&self.value, "tool")?;
        let mut result = self.text.into_tool_result()?;
        result.structured_content = Some(json);
        Ok(result)
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        <Json<T> as WrappedToolResult>::schema(generator)
    }
}

/// Writes a value as JSON. Errors name the kind of method that returned it.
pub(super) fn to_json(value: &impl Serialize, of: &str) -> Result<Box<RawValue>, Error> {
    to_raw(value).map_err(|error| match error {
        NoJson::NotFinite { .. } => Error::internal(format!("The result of the {of} has no JSON form: {error}")),
        NoJson::Other(error) => Error::internal(format!("The result of the {of} has no JSON form")).with_source(error),
    })
}

impl<T: IntoToolResult, E: Failure> WrappedToolResult for Result<T, E> {
    fn convert(self) -> Result<ToolResult, Error> {
        match self {
            Ok(value) => value.into_tool_result(),
            Err(error) => Err(error.into_error()),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        T::output_schema(generator)
    }
}

#[diagnostic::do_not_recommend]
impl IntoToolResult for ToolResult {
    fn into_tool_result(self) -> Result<ToolResult, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoToolResult for () {
    fn into_tool_result(self) -> Result<ToolResult, Error> {
        Ok(ToolResult::default())
    }
}

#[diagnostic::do_not_recommend]
impl IntoToolResult for Vec<Content> {
    fn into_tool_result(self) -> Result<ToolResult, Error> {
        Ok(ToolResult::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl IntoToolResult for Vec<String> {
    fn into_tool_result(self) -> Result<ToolResult, Error> {
        Ok(ToolResult::new(self.into_iter().map(|text| TextContent::new(text).into()).collect()))
    }
}

macro_rules! blocks {
    ($($block:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoToolResult for $block {
            fn into_tool_result(self) -> Result<ToolResult, Error> {
                Ok(ToolResult::new(vec![self.into()]))
            }
        }
    )*};
}
blocks!(Content TextContent ImageContent AudioContent ResourceLink EmbeddedResource);

macro_rules! texts {
    ($($text:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoToolResult for $text {
            fn into_tool_result(self) -> Result<ToolResult, Error> {
                TextContent::new(self).into_tool_result()
            }
        }
    )*};
}
texts!(String &str Box<str> Cow<'_, str>);

macro_rules! displayed {
    ($($value:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoToolResult for $value {
            fn into_tool_result(self) -> Result<ToolResult, Error> {
                self.to_string().into_tool_result()
            }
        }
    )*};
}
displayed!(bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
