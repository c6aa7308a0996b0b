use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::verdicts::{Bounds, Verdict, Verdicts};
use super::{AcceptedTokens, TokenError, TokenVerifier};

/// A verifier that remembers what another one said, for tokens that somebody has to be asked about.
///
/// For a [`TokenVerifier`] of your own that asks a service on each call, such as GitHub or Google, whose tokens say
/// nothing by themselves. It has the bounds that an `IntrospectionVerifier` has by itself:
/// - An accepted token is accepted again for [`cache_lifetime`](CachedVerifierBuilder::cache_lifetime), and never beyond
///   its [`expires_at`](crate::TokenInfo::expires_at); a refused one is refused for
///   [`refusal_lifetime`](CachedVerifierBuilder::refusal_lifetime). That nobody could tell is not remembered.
/// - Requests with the same token that come together share one verification, which goes on when one of them goes away.
/// - [`max_concurrent`](CachedVerifierBuilder::max_concurrent) verifications are under way at once, each for as long as
///   [`timeout`](CachedVerifierBuilder::timeout); beyond that, the client gets a 503 and keeps its token.
/// - Tokens are remembered by their SHA-256, up to [`cache_capacity`](CachedVerifierBuilder::cache_capacity) of them and
///   [`max_entry_bytes`](CachedVerifierBuilder::max_entry_bytes) of each.
///
/// A token of GitHub is good for everything that its user let the application do, at any service that has the token. Ask the
/// API of your own OAuth application whose it is (`POST /applications/{client_id}/token`), which refuses the tokens of other
/// applications:
///
/// ```
/// use mcp::{AccessToken, CachedVerifier, TokenError, TokenVerifier};
///
/// /// What GitHub says about a token of this application.
/// struct Checked {
///     login: String,
///     scopes: Vec<String>,
/// }
///
/// struct GitHub {
///     client_id: String,
/// }
///
/// impl GitHub {
///     /// `None` is a 404 or a 422: no token of this application. An error is an outage.
///     async fn check(&self, token: &str) -> Result<Option<Checked>, std::io::Error> {
///         // With the HTTP client of your choice.
/// #       let login = "octocat".to_owned();
/// #       Ok((token == "gho_1").then_some(Checked { login, scopes: vec!["repo".to_owned()] }))
///     }
/// }
///
/// impl TokenVerifier for GitHub {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         match self.check(token).await {
///             // Of this application, and so of this server.
///             Ok(Some(checked)) => {
///                 Ok(AccessToken::ours(&*self.client_id).with_subject(checked.login).with_scopes(checked.scopes))
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

/// The settings of a [`CachedVerifier`], each with a default that fits most servers.
#[derive(Debug, Clone)]
#[must_use = "no verifier exists until `build` is called"]
pub struct CachedVerifierBuilder<V> {
    verifier: V,
    bounds: Bounds,
}

impl<V: TokenVerifier> CachedVerifier<V> {
    /// Wraps a verifier with the default bounds.
    pub fn new(verifier: V) -> Self {
        Self::builder(verifier).build()
    }

    /// Starts with the defaults.
    pub fn builder(verifier: V) -> CachedVerifierBuilder<V> {
        CachedVerifierBuilder {
            verifier,
            bounds: Bounds {
                max_token_bytes: 16 * 1024,
                cache_capacity: 10_000,
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
    /// Limits the bytes of a token that is verified. Defaults to 16 KiB. A longer one is refused at once.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.bounds.max_token_bytes = bytes;
        self
    }

    /// Limits the tokens that are remembered: so many accepted ones, and apart from them so many refused ones. Defaults to
    /// 10 000. Zero remembers none.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.bounds.cache_capacity = tokens;
        self
    }

    /// Limits the bytes that are remembered of one token, its claims included. Defaults to 64 KiB. A larger one is verified
    /// on each request.
    pub fn max_entry_bytes(mut self, bytes: usize) -> Self {
        self.bounds.max_entry_bytes = bytes;
        self
    }

    /// Limits how long an accepted token is accepted without asking again, and so how long one may still work after it was
    /// revoked. Defaults to 30 seconds. Zero asks for every request.
    pub fn cache_lifetime(mut self, time: Duration) -> Self {
        self.bounds.cache_lifetime = time;
        self
    }

    /// Limits how long a refused token is refused without asking again. Defaults to 10 seconds. Zero asks for every request.
    pub fn refusal_lifetime(mut self, time: Duration) -> Self {
        self.bounds.refusal_lifetime = time;
        self
    }

    /// Limits the verifications that are under way at once. Defaults to 100, and is 1 at least. Beyond it, a request waits
    /// for its turn, and gets a 503 when that has not come within the [`timeout`](Self::timeout).
    pub fn max_concurrent(mut self, verifications: usize) -> Self {
        self.bounds.max_concurrent = verifications.max(1);
        self
    }

    /// Limits how long one verification takes. Defaults to 5 seconds. Beyond it, the verification is dropped, and the client
    /// gets a 503.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.bounds.patience = time;
        self
    }

    /// Puts the verifier together.
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
        let ask = |token: String| {
            let verifier = Arc::clone(verifier);
            async move {
                let late = |_| Err(TokenError::unavailable(format!("no verdict within {limit:?}")));
                timeout(limit, verifier.verify_token(&token)).await.unwrap_or_else(late)
            }
        };
        self.verdicts.about(token, ask).await
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        self.verifier.accepts()
    }
}

impl<V> fmt::Debug for CachedVerifier<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedVerifier").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
