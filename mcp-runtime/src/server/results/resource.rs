//! The return types of resources.

use std::borrow::Cow;

use super::failure::Failure;
use super::tool::{Json, Structured, to_json};
use crate::protocol::content::ResourceContents;
use crate::protocol::error::Error;
use crate::protocol::resources::ReadResult;
use crate::server::declare::wrapper::{with_message, wrappers};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a resource",
    label = "not something that a resource can return",
    note = "return text, bytes, `mcp::ResourceContents`, or an `Option` or a `Result` of them",
    note = "data is returned as `mcp::Json(value)`, of a type with `#[derive(serde::Serialize, schemars::JsonSchema)]`",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
]

/// A type that a resource can return.
///
/// | type | content for the client |
/// |---|---|
/// | `String`, `&str`, `Cow<str>` | the text |
/// | `Vec<u8>`, `&[u8]` | the bytes |
/// | [`Json<T>`](crate::Json) | the value as JSON, of the type `application/json` |
/// | [`ResourceContents`], `Vec<ResourceContents>` | one piece or several |
/// | [`ReadResult`] | its contents |
/// | `Option<T>` | `T`, or the error for an unknown resource |
/// | `Result<T, E>` | `T`, or the error |
///
/// The MIME type is that of the attribute, unless the value has one. An error `E` is one that a
/// [tool](crate::IntoToolResult) can return, and becomes a JSON-RPC error.
///
/// An implementation for your own type converts it to one of these:
///
/// ```
/// use mcp::{Error, IntoResource, ReadResult};
///
/// struct Page {
///     title: String,
///     text: String,
/// }
///
/// impl IntoResource for Page {
///     fn into_resource(self) -> Result<ReadResult, Error> {
///         format!("# {}\n\n{}", self.title, self.text).into_resource()
///     }
/// }
/// ```
pub trait IntoResource {
    /// Converts the value into a result.
    ///
    /// # Errors
    /// An [`Error`](struct@Error) if there is no content. The client receives it as a JSON-RPC error.
    fn into_resource(self) -> Result<ReadResult, Error>;
}

/// A wrapper of a type that a resource returns.
#[doc(hidden)]
pub trait ResourceWrapper {
    /// The wrapper itself. rustc does not report a condition on it for other types.
    type Whole;

    fn whole(self) -> Self::Whole;
}
}

wrappers!(ResourceWrapper: [T] Json<T>, [T, E] Result<T, E>, [T] Option<T>);

/// A [`ResourceWrapper`] of a type that a resource can return.
pub trait WrappedResource {
    fn convert(self) -> Result<ReadResult, Error>;
}

impl<W: ResourceWrapper> IntoResource for W
where
    W::Whole: WrappedResource,
{
    fn into_resource(self) -> Result<ReadResult, Error> {
        self.whole().convert()
    }
}

impl<T: Structured> WrappedResource for Json<T> {
    fn convert(self) -> Result<ReadResult, Error> {
        let json = to_json(&self.0, "resource")?;
        Ok(ReadResult::json(json.get()))
    }
}

impl<T: IntoResource, E: Failure> WrappedResource for Result<T, E> {
    fn convert(self) -> Result<ReadResult, Error> {
        self.map_err(Failure::into_error)?.into_resource()
    }
}

impl<T: IntoResource> WrappedResource for Option<T> {
    fn convert(self) -> Result<ReadResult, Error> {
        self.ok_or_else(Error::not_found)?.into_resource()
    }
}

#[diagnostic::do_not_recommend]
impl IntoResource for ReadResult {
    fn into_resource(self) -> Result<ReadResult, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoResource for Vec<ResourceContents> {
    fn into_resource(self) -> Result<ReadResult, Error> {
        Ok(ReadResult::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl IntoResource for ResourceContents {
    fn into_resource(self) -> Result<ReadResult, Error> {
        Ok(ReadResult::new(vec![self]))
    }
}

macro_rules! contents {
    ($($value:ty => $contents:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoResource for $value {
            fn into_resource(self) -> Result<ReadResult, Error> {
                ResourceContents::$contents(self).into_resource()
            }
        }
    )*};
}
contents!(String => text, &str => text, Box<str> => text, Cow<'_, str> => text, Vec<u8> => blob, &[u8] => blob, Box<[u8]> => blob);
