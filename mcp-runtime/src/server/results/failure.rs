//! The errors that methods return, and how they become an [`Error`].

use std::marker::PhantomData;
use std::ops::Deref;

use crate::protocol::error::Error;

/// An error that a method can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a tool",
    label = "neither an error nor a text",
    note = "implement `std::error::Error` for `{Self}`, which is then logged, and clients read \"Internal error\" with an id",
    note = "what clients read is a text, or an `mcp::Error` such as `mcp::Error::tool(…)`",
    note = "an error in a box is a `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait Failure: Sized {
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Failure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// An error type that decides which of its errors clients read.
///
/// The text of any other error type is logged, and never sent. A method that returns `Result<T, E>` with such a type
/// `E` asks it. `?` into an [`mcp::Error`](struct@Error) does not: return the type itself, or call
/// [`tool_error`](Self::tool_error).
///
/// ```
/// # use std::fmt;
/// #[derive(Debug)]
/// enum NoteError {
///     Locked(u64),
///     Database(std::io::Error),
/// }
/// # impl fmt::Display for NoteError {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
/// #         match self {
/// #             Self::Locked(id) => write!(f, "note {id} is locked"),
/// #             Self::Database(error) => error.fmt(f),
/// #         }
/// #     }
/// # }
/// # impl std::error::Error for NoteError {}
///
/// impl mcp::ToolError for NoteError {
///     fn tool_error(self) -> mcp::Error {
///         match self {
///             Self::Locked(_) => self.shown(),
///             Self::Database(_) => self.masked(),
///         }
///     }
/// }
///
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// /// Delete a note.
/// #[mcp::tool]
/// async fn delete(&self, id: u64) -> Result<(), NoteError> {
///     Err(NoteError::Locked(id))
/// }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// # let result = mcp::MemoryClient::new(Notes).call_tool("delete", serde_json::json!({"id": 7})).await?;
/// # assert_eq!(result.text(), "note 7 is locked");
/// # Ok(())
/// # }
/// ```
pub trait ToolError: std::error::Error + Send + Sync + Sized + 'static {
    /// Converts the error: [`shown`](Self::shown), [`masked`](Self::masked), or an [`Error`] of another kind.
    fn tool_error(self) -> Error;

    /// Makes an error for the model with the text of this one. Its source is logged.
    fn shown(self) -> Error {
        let shown = Error::tool(self.to_string());
        if self.source().is_some() { shown.with_source(self) } else { shown }
    }

    /// Makes an error whose text is logged, and masked for the client.
    fn masked(self) -> Error {
        self.into()
    }
}

/// The return type of a method, which knows whether its error is a [`ToolError`].
///
/// A [`ToolError`] is also a `Failure`, and no implementation of a trait is preferred to another. A method of a type is
/// preferred to that of the target of its `Deref`.
#[derive(Debug)]
pub struct Output<O>(PlainOutput<O>);

/// Any other return type.
#[derive(Debug)]
pub struct PlainOutput<O>(PhantomData<fn() -> O>);

impl<O> Output<O> {
    /// The value, which has no size.
    pub const NEW: Self = Self(PlainOutput(PhantomData));
}

impl<T, E: ToolError> Output<Result<T, E>> {
    /// Takes the error out, as the type decides.
    ///
    /// # Errors
    /// The method failed.
    #[inline]
    pub fn check(self, output: Result<T, E>) -> Result<Result<T, E>, Error> {
        output.map(Ok).map_err(ToolError::tool_error)
    }
}

impl<O> PlainOutput<O> {
    /// Leaves the error to the conversion of the return type.
    ///
    /// # Errors
    /// Never.
    #[inline]
    pub fn check(self, output: O) -> Result<O, Error> {
        Ok(output)
    }
}

impl<O> Deref for Output<O> {
    type Target = PlainOutput<O>;

    fn deref(&self) -> &PlainOutput<O> {
        &self.0
    }
}

impl<O> Clone for Output<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Output<O> {}

impl<O> Clone for PlainOutput<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for PlainOutput<O> {}
