//! The return types of prompts.

use std::borrow::Cow;

use super::failure::Failure;
use crate::protocol::error::Error;
use crate::protocol::prompts::{PromptMessage, PromptResult};
use crate::server::declare::wrapper::{with_message, wrappers};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a prompt",
    label = "not something that a prompt can return",
    note = "return text, `mcp::PromptMessage`, `Vec<mcp::PromptMessage>`, or a `Result` of them",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
]

/// A type that a prompt can return.
///
/// | type | beginning of the conversation |
/// |---|---|
/// | `String`, `&str`, `Cow<str>` | one message of the person |
/// | [`PromptMessage`], `Vec<PromptMessage>` | those messages |
/// | [`PromptResult`] | its messages |
/// | `Result<T, E>` | `T`, or the error |
///
/// An error `E` is one that a [tool](crate::IntoToolResult) can return, and becomes a JSON-RPC error.
///
/// An implementation for your own type converts it to one of these:
///
/// ```
/// use mcp::{Error, IntoPromptResult, PromptResult};
///
/// struct Review {
///     language: String,
///     code: String,
/// }
///
/// impl IntoPromptResult for Review {
///     fn into_prompt_result(self) -> Result<PromptResult, Error> {
///         format!("Review this {} code:\n{}", self.language, self.code).into_prompt_result()
///     }
/// }
/// ```
pub trait IntoPromptResult {
    /// Converts the value into a result.
    ///
    /// # Errors
    /// An [`Error`](struct@Error) if there is no prompt. The client receives it as a JSON-RPC error.
    fn into_prompt_result(self) -> Result<PromptResult, Error>;
}

/// A wrapper of a type that a prompt returns.
#[doc(hidden)]
pub trait PromptWrapper {
    /// The wrapper itself. rustc does not report a condition on it for other types.
    type Whole;

    fn whole(self) -> Self::Whole;
}
}

wrappers!(PromptWrapper: [T, E] Result<T, E>);

/// A [`PromptWrapper`] of a type that a prompt can return.
pub trait WrappedPrompt {
    fn convert(self) -> Result<PromptResult, Error>;
}

impl<W: PromptWrapper> IntoPromptResult for W
where
    W::Whole: WrappedPrompt,
{
    fn into_prompt_result(self) -> Result<PromptResult, Error> {
        self.whole().convert()
    }
}

impl<T: IntoPromptResult, E: Failure> WrappedPrompt for Result<T, E> {
    fn convert(self) -> Result<PromptResult, Error> {
        self.map_err(Failure::into_error)?.into_prompt_result()
    }
}

#[diagnostic::do_not_recommend]
impl IntoPromptResult for PromptResult {
    fn into_prompt_result(self) -> Result<PromptResult, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoPromptResult for Vec<PromptMessage> {
    fn into_prompt_result(self) -> Result<PromptResult, Error> {
        Ok(PromptResult::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> IntoPromptResult for [PromptMessage; N] {
    fn into_prompt_result(self) -> Result<PromptResult, Error> {
        Ok(PromptResult::new(self.into()))
    }
}

#[diagnostic::do_not_recommend]
impl IntoPromptResult for PromptMessage {
    fn into_prompt_result(self) -> Result<PromptResult, Error> {
        Ok(PromptResult::new(vec![self]))
    }
}

macro_rules! texts {
    ($($text:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoPromptResult for $text {
            fn into_prompt_result(self) -> Result<PromptResult, Error> {
                PromptMessage::user(String::from(self)).into_prompt_result()
            }
        }
    )*};
}
texts!(String &str Box<str> Cow<'_, str>);
