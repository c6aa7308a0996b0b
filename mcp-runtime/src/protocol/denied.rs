//! The verdict of a guard or an extractor that is not yes.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::error::Error;

/// A verdict that is not yes, of a guard or of an extractor.
///
/// The constructors are the verdicts. `?` on any error in a guard means that it can't decide: the request is refused
/// with a 503 and may be tried again. The text of that error is logged with an id, and never sent.
///
/// [`Error::not_found`] and [`Error::scopes`] are verdicts, too, and become [`not_found`](Self::not_found) and
/// [`scopes`](Self::scopes). A `?` on any other [`Error`] is a 503.
///
/// ```
/// use mcp::{AccessToken, Denied};
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     tenant: String,
/// }
///
/// fn same_tenant(tenant: &str, token: &AccessToken) -> Result<(), Denied> {
///     let own: Claims = token.claims()?;
///     if own.tenant == tenant { Ok(()) } else { Err(Denied::not_found()) }
/// }
/// ```
///
/// | verdict | tool | resource, prompt |
/// |---|---|---|
/// | [`new`](Self::new), [`absent`](Self::absent) | a result with `isError` | a JSON-RPC error with the code 403 |
/// | [`not_found`](Self::not_found) | a result with `isError` | the URI is unknown, or -32602 |
/// | [`scopes`](Self::scopes) | HTTP 403 with a challenge | HTTP 403 with a challenge |
/// | [`rate_limited`](Self::rate_limited) | a result with `isError` | HTTP 429 with `Retry-After` |
/// | any error | HTTP 503 with `Retry-After` | HTTP 503 with `Retry-After` |
///
/// An HTTP status becomes the code of a JSON-RPC error once a stream has begun, and on other transports.
pub struct Denied(Error);

impl Denied {
    /// Makes a denial that no token cures, with a text for the client.
    ///
    /// A tool reports the text to the model, because an HTTP 403 without a challenge ends the sessions of some clients.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Error::denied(message))
    }

    /// Makes a denial as if what the arguments name did not exist.
    ///
    /// The response is that of [`Error::not_found`], so that rows of another tenant look like missing ones. Return it for
    /// these, too: `?` on the error of a query that finds no row would be a 503, which shows that the row is missing.
    #[must_use]
    pub fn not_found() -> Self {
        Self(Error::hidden())
    }

    /// Makes the verdict that the caller needs more scopes, like [`Error::scopes`].
    #[must_use]
    pub fn scopes<T: Into<String>>(scopes: impl IntoIterator<Item = T>) -> Self {
        Self(Error::scopes(scopes))
    }

    /// Makes the verdict of an extractor that the request has no such thing.
    ///
    /// `Option<&T>` is then `None`. A method that takes `&T` is denied, with this text.
    pub fn absent(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Error::absent(message))
    }

    /// Makes the verdict that the caller has to wait, in seconds from 1.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        Self(Error::rate_limited("", wait))
    }
}

impl Denied {
    /// Returns `true` if an extractor found nothing.
    pub(crate) fn is_absent(&self) -> bool {
        self.0.is_absent()
    }

    /// Returns the text of an extractor that found nothing, or any other verdict.
    pub(crate) fn into_absence(self) -> Result<Cow<'static, str>, Self> {
        if self.is_absent() { Ok(self.0.into_message()) } else { Err(self) }
    }
}

/// An error in a guard, which is then undecided.
#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static> From<E> for Denied {
    fn from(error: E) -> Self {
        Self::from(Error::of_source(error.into()))
    }
}

/// An error of a function that a guard calls, such as that of a question.
#[diagnostic::do_not_recommend]
impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self(error.undecided())
    }
}

#[diagnostic::do_not_recommend]
impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        denied.0
    }
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Denied").field(&self.0).finish()
    }
}
