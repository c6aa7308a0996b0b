//! A verifier that caches the verdicts of another one.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::token_cache::CacheLimits;
use super::verdicts::{Bounds, Verdict, Verdicts};
use super::{AcceptedTokens, TokenError, TokenVerifier};

/// A verifier that caches the verdicts of another one.
///
/// It is for a [`TokenVerifier`] of your own that sends a request to a service, such as GitHub or Google, for each token.
/// It has the limits that an `IntrospectionVerifier` has by itself:
///
/// - An accepted token is accepted again for [`cache_lifetime`](CachedVerifierBuilder::cache_lifetime), and never beyond
///   its [`expires_at`](crate::TokenInfo::expires_at).
/// - A refused token is refused again for [`refusal_lifetime`](CachedVerifierBuilder::refusal_lifetime).
/// - [`TokenError::Unavailable`] is not cached.
/// - Simultaneous requests with the same token share one verification, which continues when one of them disconnects.
/// - At most [`max_concurrent`](CachedVerifierBuilder::max_concurrent) verifications run at once, each for at most
///   [`timeout`](CachedVerifierBuilder::timeout). Beyond that, the client gets a 503 and keeps its token.
/// - An accepted token that is still in use at 80 % of that time is verified again, while its requests go on.
/// - A quarter of the verifications is for tokens that were accepted before.
/// - After three timeouts in a row, one verification at a time is tried. Other requests get a 503 at once.
/// - Tokens are cached by their SHA-256, up to [`cache_capacity`](CachedVerifierBuilder::cache_capacity) of them,
///   [`cache_bytes`](CachedVerifierBuilder::cache_bytes) together, and
///   [`max_entry_bytes`](CachedVerifierBuilder::max_entry_bytes) of each.
///
/// # Example
///
/// A token of GitHub is valid for everything that its user let the application do, at any service that has the token. Ask
/// the API of your own OAuth application about it (`POST /applications/{client_id}/token`), which refuses the tokens of
/// other applications:
///
/// ```
/// use mcp::{AccessToken, CachedVerifier, TokenError, TokenVerifier};
///
/// /// The answer of GitHub about a token of this application.
/// struct Authorization {
///     login: String,
///     scopes: Vec<String>,
/// }
///
/// struct GitHub {
///     client_id: String,
/// }
///
/// impl GitHub {
///     /// Returns `None` for a 404 or a 422: no token of this application. An error is an outage.
///     async fn check(&self, token: &str) -> Result<Option<Authorization>, std::io::Error> {
///         // With the HTTP client of your choice.
/// #       let login = "octocat".to_owned();
/// #       Ok((token == "gho_1").then_some(Authorization { login, scopes: vec!["repo".to_owned()] }))
///     }
/// }
///
/// impl TokenVerifier for GitHub {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         match self.check(token).await {
///             // A token of this application is one of this server.
///             Ok(Some(Authorization { login, scopes })) => {
///                 Ok(AccessToken::ours(&*self.client_id).with_subject(login).with_scopes(scopes))
///             }
///             Ok(None) => Err(TokenError::invalid("GitHub does not know it")),
///             Err(_) => Err(TokenError::unavailable("GitHub does not answer")),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let verifier = CachedVerifier::new(GitHub { client_id: "Iv1.8a61f9b3a7aba766".to_owned() });
/// assert!(verifier.verify_token("gho_1").await.is_ok());
/// # }
/// ```
pub struct CachedVerifier<V> {
    verifier: Arc<V>,
    verdicts: Arc<Verdicts>,
    bounds: Bounds,
}

/// The settings of a [`CachedVerifier`]. Each has a default.
#[derive(Debug, Clone)]
#[must_use = "no verifier exists until `build` is called"]
pub struct CachedVerifierBuilder<V> {
    verifier: V,
    bounds: Bounds,
}

impl<V: TokenVerifier> CachedVerifier<V> {
    /// Wraps a verifier with the default limits.
    pub fn new(verifier: V) -> Self {
        Self::builder(verifier).build()
    }

    /// Returns a builder with the default limits.
    pub fn builder(verifier: V) -> CachedVerifierBuilder<V> {
        CachedVerifierBuilder {
            verifier,
            bounds: Bounds {
                max_token_bytes: 16 * 1024,
                cache: CacheLimits::default(),
                max_entry_bytes: 64 * 1024,
                cache_lifetime: Duration::from_secs(30),
                refusal_lifetime: Duration::from_secs(10),
                max_concurrent: 100,
                patience: Duration::from_secs(5),
            },
        }
    }
}

impl<V: TokenVerifier> CachedVerifierBuilder<V> {
    /// Limits the bytes of a token. Defaults to 16 KiB. Beyond it, the token gets a 401 without a verification.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.bounds.max_token_bytes = bytes;
        self
    }

    /// Limits the tokens that are cached. Defaults to 10 000. Beyond it, tokens that were not used lately are evicted.
    ///
    /// Accepted and refused tokens have caches of their own, each of this size, so that a flood of bad tokens does not
    /// evict good ones. Zero turns the caches off.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.bounds.cache.entries = tokens;
        self
    }

    /// Limits the bytes of the cached tokens, with their claims. Defaults to 32 MiB. Beyond it, tokens that were not used
    /// lately are evicted.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.bounds.cache.bytes = bytes;
        self
    }

    /// Limits the bytes that are cached of one token, with its claims. Defaults to 64 KiB. Beyond it, the token is verified
    /// on each request.
    pub fn max_entry_bytes(mut self, bytes: usize) -> Self {
        self.bounds.max_entry_bytes = bytes;
        self
    }

    /// Limits the time that an accepted token is cached. Defaults to 30 seconds. Beyond it, the token is verified again.
    ///
    /// So long may a token still work after it was revoked. With zero, it is verified on each request.
    pub fn cache_lifetime(mut self, time: Duration) -> Self {
        self.bounds.cache_lifetime = time;
        self
    }

    /// Limits the time that a refused token is cached. Defaults to 10 seconds. Beyond it, the token is verified again.
    ///
    /// With zero, it is verified on each request.
    pub fn refusal_lifetime(mut self, time: Duration) -> Self {
        self.bounds.refusal_lifetime = time;
        self
    }

    /// Limits the verifications that run at once. Defaults to 100. Beyond it, a request waits, and gets a 503 after the
    /// [`timeout`](Self::timeout).
    ///
    /// A quarter of them is for tokens that were accepted before, because anyone can send unknown ones. Zero counts as one.
    pub fn max_concurrent(mut self, verifications: usize) -> Self {
        self.bounds.max_concurrent = verifications.max(1);
        self
    }

    /// Limits the time of one verification. Defaults to 5 seconds. Beyond it, the verification is dropped, and the client
    /// gets a 503.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.bounds.patience = time;
        self
    }

    /// Builds the verifier.
    pub fn build(self) -> CachedVerifier<V> {
        CachedVerifier {
            verifier: Arc::new(self.verifier),
            verdicts: Arc::new(Verdicts::new(&self.bounds)),
            bounds: self.bounds,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<V: TokenVerifier> TokenVerifier for CachedVerifier<V> {
    async fn verify_token(&self, token: &str) -> Verdict {
        let (verifier, limit) = (&self.verifier, self.bounds.patience);
        let verify = |token: String| {
            let verifier = Arc::clone(verifier);
            async move {
                let late = |_| Err(TokenError::unavailable(format!("no verdict within {limit:?}")));
                timeout(limit, verifier.verify_token(&token)).await.unwrap_or_else(late)
            }
        };
        self.verdicts.about(token, verify).await
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        self.verifier.accepts()
    }

    async fn warm_up(&self) -> io::Result<()> {
        self.verifier.warm_up().await
    }
}

impl<V> fmt::Debug for CachedVerifier<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedVerifier").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
