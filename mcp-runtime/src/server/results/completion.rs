//! The return types of completions.

use super::failure::Failure;
use crate::protocol::completion::Completion;
use crate::protocol::error::Error;
use crate::server::declare::wrapper::{with_message, wrappers};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned from a completion",
    label = "not something that a completion can return",
    note = "return `Vec<String>`, `Vec<&'static str>`, `mcp::Completion`, or a `Result` of them",
    note = "a method that returns a future is written as an `async fn` that returns what the future does"
)]
]

/// A type that a completion can return.
///
/// It is a list of texts, best first, a [`Completion`] with their number, or a `Result` of either. An error `E`
/// is one that a [tool](crate::IntoToolResult) can return, and becomes a JSON-RPC error.
///
/// An implementation for your own type converts it to one of these:
///
/// ```
/// use mcp::{Completion, Error, IntoCompletion};
///
/// enum Language {
///     Python,
///     Rust,
/// }
///
/// struct Languages(Vec<Language>);
///
/// impl IntoCompletion for Languages {
///     fn into_completion(self) -> Result<Completion, Error> {
///         let name = |language| match language {
///             Language::Python => "Python",
///             Language::Rust => "Rust",
///         };
///         self.0.into_iter().map(name).collect::<Vec<_>>().into_completion()
///     }
/// }
/// ```
pub trait IntoCompletion {
    /// Converts the value into a result.
    ///
    /// # Errors
    /// An [`Error`](struct@Error) if there is no result. The client receives it as a JSON-RPC error.
    fn into_completion(self) -> Result<Completion, Error>;
}

/// A wrapper of a type that a completion returns.
#[doc(hidden)]
pub trait CompletionWrapper {
    /// The wrapper itself. rustc does not report a condition on it for other types.
    type Whole;

    fn whole(self) -> Self::Whole;
}
}

wrappers!(CompletionWrapper: [T, E] Result<T, E>);

/// A [`CompletionWrapper`] of a type that a completion can return.
pub trait WrappedCompletion {
    fn convert(self) -> Result<Completion, Error>;
}

impl<W: CompletionWrapper> IntoCompletion for W
where
    W::Whole: WrappedCompletion,
{
    fn into_completion(self) -> Result<Completion, Error> {
        self.whole().convert()
    }
}

impl<T: IntoCompletion, E: Failure> WrappedCompletion for Result<T, E> {
    fn convert(self) -> Result<Completion, Error> {
        self.map_err(Failure::into_error)?.into_completion()
    }
}

#[diagnostic::do_not_recommend]
impl IntoCompletion for Completion {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> IntoCompletion for Vec<T> {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(Completion::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>, const N: usize> IntoCompletion for [T; N] {
    fn into_completion(self) -> Result<Completion, Error> {
        Ok(Completion::new(self))
    }
}
