use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::AccessToken;

/// Decides whether a bearer token is good.
///
/// One method, token in, [`AccessToken`] out. It is called once for every request, before anything of the body is
/// read. Implement it as an `async fn`:
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
/// A request waits for its verdict as long as it takes; bound what you wait for, and turn a timeout into
/// [`TokenError::unavailable`]. To choose between verifiers at start, put them into an `enum` and implement the trait for
/// that, as for [`AcceptedTokens`].
///
/// Whatever the verifier accepts, the guard still checks what the [`AccessToken`] says: its audience, its expiry and its
/// issuer, as far as it has them, and its scopes. A token that another party issues is made by
/// [`AccessToken::issued_for`], with the audience that the issuer names, and refused unless this server's `resource` is
/// in it. [`AccessToken::ours`] is for tokens that exist for this server alone. What a verifier says in its error is
/// logged at debug level and never sent to the client.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot verify tokens",
    label = "this is not a token verifier",
    note = "pass a `mcp::StaticTokens`, or what `build()?` of a `mcp::JwtVerifier` or a `mcp::IntrospectionVerifier` gives; take it out of a `Result` first, with `?`",
    note = "or implement `mcp::TokenVerifier` for a type of your own: `async fn verify_token(&self, token: &str) -> Result<mcp::AccessToken, mcp::TokenError>`"
)]
pub trait TokenVerifier: Send + Sync + 'static {
    /// Looks at a token and says whose it is.
    ///
    /// `token` is what stood behind `Bearer `, syntactically valid (RFC 6750 §2.1) and otherwise unchecked.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] turns the request away with a 401, [`TokenError::Unavailable`] with a 503.
    fn verify_token(&self, token: &str) -> impl Future<Output = Result<AccessToken, TokenError>> + Send;

    /// Returns the issuers and the resource that this verifier is for. Defaults to `None`, for a verifier that knows of none.
    ///
    /// A server whose `resource` is another one, or which publishes a further issuer, would refuse good tokens. It does not
    /// start instead: [`Http::serve`](crate::Http::serve) fails, and [`Http::router`](crate::Http::router) panics.
    /// A verifier around another one forwards this method.
    fn accepts(&self) -> Option<AcceptedTokens> {
        None
    }
}

/// One verifier for several servers.
#[diagnostic::do_not_recommend]
impl<V: TokenVerifier> TokenVerifier for Arc<V> {
    fn verify_token(&self, token: &str) -> impl Future<Output = Result<AccessToken, TokenError>> + Send {
        (**self).verify_token(token)
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        (**self).accepts()
    }
}

/// The tokens that a verifier was made for: of these issuers, for this resource.
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
    /// Creates the description of a verifier that accepts tokens of `issuers` for `resource`.
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

/// Why a verifier does not accept a token.
///
/// The reason is for the operator's log. Never put the token into it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The token is not good: unknown, revoked, forged, malformed. The client gets a 401.
    Invalid {
        /// What was wrong with it.
        reason: Cow<'static, str>,
    },
    /// The token was good once. The client gets a 401 that says so.
    Expired,
    /// The token is good, but for another resource. The client gets a 401 that says so.
    WrongAudience,
    /// Nobody can tell at the moment, because something that the verifier needs is down. The client gets a 503, and
    /// keeps its token.
    Unavailable {
        /// What was down.
        reason: Cow<'static, str>,
        /// When to try again; sent as `Retry-After`, rounded up to seconds.
        retry_after: Duration,
    },
}

impl TokenError {
    /// The token is not good.
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { reason: reason.into() }
    }

    /// Nobody can tell at the moment; the client may try again after 5 seconds.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: Duration::from_secs(5) }
    }

    /// Sets when the client may try again, if the token could not be verified.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        if let Self::Unavailable { retry_after, .. } = &mut self {
            *retry_after = time;
        }
        self
    }
}

impl TokenError {
    /// Returns about how many bytes it takes in memory.
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
