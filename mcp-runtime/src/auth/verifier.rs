//! The interface of verifiers.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::AccessToken;

/// A verifier of bearer tokens.
///
/// [`verify_token`](Self::verify_token) is called once for every request, before anything of the body is read. Implement
/// it as an `async fn`:
///
/// ```
/// use mcp::{AccessToken, TokenError, TokenVerifier};
///
/// struct MyVerifier;
///
/// impl TokenVerifier for MyVerifier {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         match token {
///             "secret" => Ok(AccessToken::ours("alice").with_scopes(["notes:read"])),
///             _ => Err(TokenError::invalid("unknown token")),
///         }
///     }
/// }
/// ```
///
/// # Checks of the server
///
/// The server still checks the [`AccessToken`] that a verifier returns: its audience, expiry and issuer, as far as it
/// has them, and its scopes. For a token that another party issues, use [`AccessToken::issued_for`] with the token's
/// audience. It is refused unless this server's `resource` is in that. [`AccessToken::ours`] is for tokens that exist
/// for this server alone.
///
/// # Timeouts
///
/// A request waits for its verdict without a timeout. Limit the time of your own requests, and return
/// [`TokenError::unavailable`] after it; [`CachedVerifier`](crate::CachedVerifier) does both.
///
/// # Several verifiers
///
/// To choose between verifiers at start, put them into an `enum` and implement the trait for that, as for
/// [`AcceptedTokens`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot verify tokens",
    label = "this is not a token verifier",
    note = "pass a `mcp::StaticTokens`, or what `build()?` of a `mcp::JwtVerifier` or a `mcp::IntrospectionVerifier` gives; take it out of a `Result` first, with `?`",
    note = "or implement `mcp::TokenVerifier` for a type of your own: `async fn verify_token(&self, token: &str) -> Result<mcp::AccessToken, mcp::TokenError>`"
)]
pub trait TokenVerifier: Send + Sync + 'static {
    /// Verifies a token, and returns its client, scopes and audience.
    ///
    /// `token` is the text behind `Bearer `, syntactically valid (RFC 6750 §2.1) and otherwise unchecked.
    ///
    /// # Errors
    /// A [`TokenError`], by which the request is refused. Its reason is logged at debug level and never sent to the client.
    fn verify_token(&self, token: &str) -> impl Future<Output = Result<AccessToken, TokenError>> + Send;

    /// Returns the issuers and the resource that this verifier is for. Defaults to `None`, for a verifier without any.
    ///
    /// A server with another `resource`, or with a further issuer, would refuse good tokens, so it does not start:
    /// [`Http::serve`](crate::Http::serve) fails, and [`Http::router`](crate::Http::router) panics. A verifier around
    /// another one forwards this method.
    fn accepts(&self) -> Option<AcceptedTokens> {
        None
    }

    /// Fetches what verification needs, such as keys. Defaults to nothing.
    ///
    /// Without it, the first request waits for that. A server is [ready](crate::Http::readiness) when this method
    /// succeeds, so it returns at once if everything is there. A verifier around another one forwards this method.
    ///
    /// ```no_run
    /// # use mcp::{JwtVerifier, Protection, TokenVerifier as _};
    /// # async fn run(protection: Protection<()>) -> std::io::Result<()> {
    /// let verifier = JwtVerifier::builder(&protection).build()?;
    /// verifier.warm_up().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The service that is down, with its issuer and URL. The text is for the operator and never sent to a client.
    fn warm_up(&self) -> impl Future<Output = io::Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Forwards to the verifier, which several servers can share.
#[diagnostic::do_not_recommend]
impl<V: TokenVerifier> TokenVerifier for Arc<V> {
    fn verify_token(&self, token: &str) -> impl Future<Output = Result<AccessToken, TokenError>> + Send {
        (**self).verify_token(token)
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        (**self).accepts()
    }

    fn warm_up(&self) -> impl Future<Output = io::Result<()>> + Send {
        (**self).warm_up()
    }
}

/// The issuers and the resource of the tokens that a verifier is for.
///
/// ```
/// use mcp::{AcceptedTokens, AccessToken, IntrospectionVerifier, JwtVerifier, TokenError, TokenVerifier};
///
/// enum Verifier {
///     Jwt(JwtVerifier),
///     Introspection(IntrospectionVerifier),
/// }
///
/// impl TokenVerifier for Verifier {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         match self {
///             Self::Jwt(verifier) => verifier.verify_token(token).await,
///             Self::Introspection(verifier) => verifier.verify_token(token).await,
///         }
///     }
///
///     fn accepts(&self) -> Option<AcceptedTokens> {
///         match self {
///             Self::Jwt(verifier) => verifier.accepts(),
///             Self::Introspection(verifier) => verifier.accepts(),
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedTokens {
    issuers: Vec<String>,
    resource: String,
}

impl AcceptedTokens {
    /// Creates a description of tokens of `issuers` for `resource`.
    pub fn new<T: Into<String>>(issuers: impl IntoIterator<Item = T>, resource: impl Into<String>) -> Self {
        Self { issuers: issuers.into_iter().map(Into::into).collect(), resource: resource.into() }
    }

    /// Returns the issuers whose tokens are accepted.
    pub fn issuer_urls(&self) -> impl Iterator<Item = &str> {
        self.issuers.iter().map(String::as_str)
    }

    /// Returns the resource that tokens must be issued for.
    #[must_use]
    pub fn resource_url(&self) -> &str {
        &self.resource
    }
}

/// The reason why a verifier does not accept a token.
///
/// It is for the operator's log. Never put the token into it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The token is not valid: unknown, revoked, forged or malformed (401).
    Invalid {
        /// The reason, in half a sentence about the token.
        reason: Cow<'static, str>,
    },
    /// The token expired, which the client is told (401).
    Expired,
    /// The token is valid for another resource (401).
    WrongAudience,
    /// The token cannot be verified now, because a service is down (503).
    ///
    /// The client keeps its token, where a 401 would make it throw the token away.
    Unavailable {
        /// The service that is down.
        reason: Cow<'static, str>,
        /// The time after which to retry, sent as `Retry-After`, rounded up to seconds.
        retry_after: Duration,
    },
}

impl TokenError {
    /// Creates the error of a token that is not valid.
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { reason: reason.into() }
    }

    /// Creates the error of a token that cannot be verified now.
    ///
    /// The client may retry after 5 seconds, unless [`retry_after`](Self::retry_after) sets another time.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: Duration::from_secs(5) }
    }

    /// Sets the time after which the client may retry. Only [`Unavailable`](Self::Unavailable) has one.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        if let Self::Unavailable { retry_after, .. } = &mut self {
            *retry_after = time;
        }
        self
    }

    /// Returns the approximate size of the error in memory.
    #[cfg(feature = "http")]
    pub(super) fn bytes(&self) -> usize {
        let reason = match self {
            Self::Invalid { reason } | Self::Unavailable { reason, .. } => reason.len(),
            Self::Expired | Self::WrongAudience => 0,
        };
        size_of::<Self>() + reason
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { reason } => write!(f, "the token is not valid: {reason}"),
            Self::Expired => f.write_str("the token expired"),
            Self::WrongAudience => f.write_str("the token was issued for another resource"),
            Self::Unavailable { reason, .. } => write!(f, "the token cannot be verified: {reason}"),
        }
    }
}

impl std::error::Error for TokenError {}
