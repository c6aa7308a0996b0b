//! The error of a handler that gets no token for another API.

use std::fmt;

use crate::protocol::denied::Denied;
use crate::protocol::error::{Error, OriginalError};

/// The error of [`Downstream::token`](crate::Downstream::token).
///
/// `?` converts it to an [`mcp::Error`](struct@crate::Error) that is right for its [kind](Self::kind):
///
/// | kind | client |
/// |---|---|
/// | [`Unavailable`](ExchangeErrorKind::Unavailable) | HTTP 503 with `Retry-After`; the reason is logged |
/// | [`Refused`](ExchangeErrorKind::Refused) | a tool result with `isError`, or a JSON-RPC error with the code 403 |
/// | [`SignInRequired`](ExchangeErrorKind::SignInRequired) | HTTP 403 with a challenge, after which it begins a new authorization |
/// | [`RequestEnded`](ExchangeErrorKind::RequestEnded) | -32603; the reason is logged |
///
/// An HTTP status becomes the code of a JSON-RPC error once a stream has begun.
///
/// ```
/// use mcp::{Downstream, Error, ExchangeErrorKind, Target};
///
/// /// Returns `false` while the API has no token, such as for a user without a calendar.
/// async fn has_calendar<T: Target>(calendar: &Downstream<T>) -> Result<bool, Error> {
///     match calendar.token().await {
///         Ok(_) => Ok(true),
///         Err(error) if error.kind() == ExchangeErrorKind::Refused => Ok(false),
///         Err(error) => Err(error.into()),
///     }
/// }
/// ```
pub struct ExchangeError {
    kind: ExchangeErrorKind,
    message: String,
    /// The error for the client, by which `?` finds it.
    error: OriginalError,
}

/// The kind of an [`ExchangeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExchangeErrorKind {
    /// The authorization server is down, slow, or not set up for the exchange. The log has the reason.
    Unavailable,
    /// The authorization server grants no token: `invalid_grant`, `invalid_target`, `invalid_scope` and others.
    Refused,
    /// The user has to sign in again, to consent or with more factors (`interaction_required`, `consent_required`).
    SignInRequired,
    /// The request ended, such as that of a task, and there is no token from before.
    RequestEnded,
}

/// The reason why there is no token. Clones are cheap enough for all who wait for one exchange.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    Unavailable { reason: String },
    Refused { code: String },
    SignIn { claims: Option<String> },
    RequestEnded,
}

impl Failure {
    /// Returns the approximate size of the failure in memory.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Unavailable { reason: text } | Self::Refused { code: text } => text.len(),
            Self::SignIn { claims } => claims.as_ref().map_or(0, String::len),
            Self::RequestEnded => 0,
        }
    }
}

impl ExchangeError {
    /// Completes a failure for its reader.
    pub(super) fn new(failure: Failure, resource: &str) -> Self {
        let (kind, message, error) = match failure {
            Failure::Unavailable { reason } => (
                ExchangeErrorKind::Unavailable,
                format!("no token for {resource} at the moment: {reason}"),
                Error::unavailable("An API that this needs is not available at the moment").with_source(reason),
            ),
            Failure::Refused { code } => {
                let message = format!("the authorization server grants no token for {resource}: {code}");
                let denied = Denied::new(format!("The authorization server grants no token for {resource} ({code})"));
                (ExchangeErrorKind::Refused, message, denied.into())
            }
            Failure::SignIn { claims } => (
                ExchangeErrorKind::SignInRequired,
                format!("the user has to sign in again for a token for {resource}"),
                Error::sign_in_required(claims),
            ),
            Failure::RequestEnded => {
                let reason = "a task has the tokens that were exchanged before; call `token` before `start_task`";
                (
                    ExchangeErrorKind::RequestEnded,
                    format!("the request ended without a token for {resource}: {reason}"),
                    Error::internal("The request ended without a token for an API that this needs").with_source(reason),
                )
            }
        };
        Self { kind, message, error: error.into_original() }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ExchangeErrorKind {
        self.kind
    }
}

/// The text is for the operator. It has the API and the error code, and no token.
impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeError")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// The source is what the client reads, by which `?` finds it.
impl std::error::Error for ExchangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
