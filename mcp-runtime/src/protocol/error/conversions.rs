//! Conversions between [`Error`] and the errors of others.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Mutex;

use super::Error;
use crate::lock::locked;

/// An error of any type.
type Source = Box<dyn StdError + Send + Sync>;

/// An error of another type, such as that of a database.
///
/// Its text is logged, and the client reads "Internal error" with the id of the line in the log. A `String` or a `&str`
/// is for the client, like [`Error::tool`].
#[diagnostic::do_not_recommend]
impl<E: Into<Source> + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        match text(&error) {
            Some(text) => Self::tool(text),
            None => Self::of_source(error.into()),
        }
    }
}

/// Returns the text, if an error is nothing else.
fn text(error: &dyn Any) -> Option<Cow<'static, str>> {
    if let Some(text) = error.downcast_ref::<&'static str>() {
        return Some(Cow::Borrowed(text));
    }
    if let Some(text) = error.downcast_ref::<String>() {
        return Some(Cow::Owned(text.clone()));
    }
    error.downcast_ref::<Cow<'static, str>>().cloned()
}

/// Conversions.
impl Error {
    /// Converts the error to one of the standard library, for code that needs such errors.
    ///
    /// `mcp::Error` is none itself, so that `?` can convert any other error to it. Converted back by `?`, the error is
    /// the same as before, also through `Box<dyn std::error::Error + Send + Sync>` and `anyhow::Error`.
    ///
    /// ```
    /// type BoxError = Box<dyn std::error::Error + Send + Sync>;
    ///
    /// fn load(id: u64) -> Result<String, BoxError> {
    ///     Err(mcp::Error::not_found().into_std())?
    /// }
    ///
    /// fn note(id: u64) -> Result<String, mcp::Error> {
    ///     Ok(load(id)?)
    /// }
    /// # assert_eq!(note(1).unwrap_err().code(), Some(-32602));
    /// ```
    #[must_use]
    pub fn into_std(self) -> impl StdError + Send + Sync + 'static {
        let message = self.message().to_owned();
        OpaqueError { message, original: self.into_original() }
    }

    /// Converts the error to a source of other errors, by which `?` finds it.
    pub(crate) fn into_original(mut self) -> OriginalError {
        let source = self.take_source();
        OriginalError { code: self.code(), error: Mutex::new(Some(self)), source }
    }

    /// Converts an error, unless it is one of this crate under another type.
    pub(in crate::protocol) fn of_source(source: Source) -> Self {
        let (mut depth, mut cause) = (0, Some(&*source as &(dyn StdError + 'static)));
        while let Some(error) = cause {
            if let Some(original) = error.downcast_ref::<OriginalError>() {
                // Deeper than in `OpaqueError`, others have added to it.
                let has_more = depth > 1 || original.source.is_some();
                let taken = locked(&original.error).take();
                return match taken {
                    Some(error) if has_more => error.with_source(source),
                    Some(error) => error,
                    None => Self::masked(source),
                };
            }
            cause = error.source();
            depth += 1;
        }
        Self::masked(source)
    }
}

/// `?` in `fn main() -> Result<(), Box<dyn std::error::Error>>`.
impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(error.into_std())
    }
}

/// An [`Error`] as one of the standard library.
struct OpaqueError {
    message: String,
    original: OriginalError,
}

/// The error itself, which can be taken back through a reference.
///
/// It is the source of an [`OpaqueError`], because `anyhow` gives back no error of its own, but every source.
pub(crate) struct OriginalError {
    code: Option<i32>,
    /// Empty once the error was taken back.
    error: Mutex<Option<Error>>,
    source: Option<Source>,
}

impl fmt::Display for OpaqueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for OpaqueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &self.message)
            .field("code", &self.original.code)
            .finish_non_exhaustive()
    }
}

impl StdError for OpaqueError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.original)
    }
}

impl fmt::Display for OriginalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "JSON-RPC error {code}"),
            None => f.write_str("error of a tool"),
        }
    }
}

impl fmt::Debug for OriginalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for OriginalError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
