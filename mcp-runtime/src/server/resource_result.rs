use std::borrow::Cow;

use super::result::{Failure, Json, Structured, failed, to_json};
use crate::protocol::content::ResourceContents;
use crate::protocol::error::Error;
use crate::protocol::resources::ReadResult;

/// A type that a resource can return.
///
/// | type | what the client reads |
/// |---|---|
/// | `String`, `&str`, `Cow<str>` | the text |
/// | `Vec<u8>`, `&[u8]` | the bytes |
/// | [`Json<T>`](crate::Json) | the value as JSON, of the type `application/json` |
/// | [`ResourceContents`], `Vec<ResourceContents>` | one piece or several |
/// | [`ReadResult`] | what it says |
/// | `Option<T>` | `T`, or that there is no such resource |
/// | `Result<T, E>` | `T`, or the error |
///
/// The MIME type is that of the attribute, unless the value has one of its own. There is no error for the model here: an
/// `E` that implements `Display` is the message of a JSON-RPC error, which the client reads in whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a resource",
    label = "not something that a resource can return",
    note = "return text, bytes, `mcp::ResourceContents`, or an `Option` or a `Result` of them",
    note = "to return data, wrap it: `mcp::Json<{Self}>`, with `#[derive(serde::Serialize, schemars::JsonSchema)]`"
)]
pub trait IntoResource {
    /// Turns the value into a result.
    ///
    /// # Errors
    /// When there is nothing to read.
    fn into_resource(self) -> Result<ReadResult, Error>;
}

impl<T: Structured> IntoResource for Json<T> {
    fn into_resource(self) -> Result<ReadResult, Error> {
        let json = to_json(&self.0, "resource")?;
        Ok(ReadResult::json(json.get()))
    }
}

impl<T: IntoResource, E: Failure> IntoResource for Result<T, E> {
    fn into_resource(self) -> Result<ReadResult, Error> {
        self.map_err(failed)?.into_resource()
    }
}

impl<T: IntoResource> IntoResource for Option<T> {
    fn into_resource(self) -> Result<ReadResult, Error> {
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
