//! The verdicts of a slow verifier: cached, shared, and limited in number.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::permits::{Permit, Permits};
use super::single_flight::SingleFlight;
use super::token_cache::{CacheLimits, TokenCache};
use super::{AccessToken, TokenDigest, TokenError};
use crate::panics::catch;

/// The verdict of a verifier.
pub(super) type Verdict = Result<AccessToken, TokenError>;

/// The limits of the cache and of the verifications.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// The longest token that is verified, in bytes.
    pub(super) max_token_bytes: usize,
    /// The limits of the accepted tokens that are cached, and of the refused ones.
    pub(super) cache: CacheLimits,
    /// The size of a cache entry, in bytes.
    pub(super) max_entry_bytes: usize,
    pub(super) cache_lifetime: Duration,
    pub(super) refusal_lifetime: Duration,
    /// The number of verifications that run at once.
    pub(super) max_concurrent: usize,
    /// The time that a request waits for its turn, and the time of a verification.
    pub(super) patience: Duration,
}

/// The end of a verification without a verdict, because the verifier panicked.
#[derive(Debug, Clone, Copy)]
struct VerifierPanic;

/// The verdicts about the tokens of a verifier.
pub(super) struct Verdicts {
    max_token_bytes: usize,
    cache: VerdictCache,
    permits: Permits,
    flights: SingleFlight<TokenDigest, Result<Verdict, VerifierPanic>>,
}

impl Verdicts {
    pub(super) fn new(bounds: &Bounds) -> Self {
        Self {
            max_token_bytes: bounds.max_token_bytes,
            cache: VerdictCache {
                accepted: TokenCache::new(bounds.cache),
                accepted_for: bounds.cache_lifetime,
                refused: TokenCache::new(bounds.cache),
                refused_for: bounds.refusal_lifetime,
                max_entry_bytes: bounds.max_entry_bytes,
            },
            permits: Permits::new("verifications", bounds.max_concurrent, bounds.patience),
            flights: SingleFlight::new(),
        }
    }

    /// Returns the verdict about a token, if necessary by `verify`.
    ///
    /// # Panics
    /// The verification panics.
    pub(super) async fn about<W>(self: &Arc<Self>, token: &str, verify: impl FnOnce(String) -> W) -> Verdict
    where
        W: Future<Output = Verdict> + Send + 'static,
    {
        if token.len() > self.max_token_bytes {
            return Err(TokenError::invalid("it is longer than `max_token_bytes`"));
        }
        let digest = TokenDigest::of(token);
        let is_known = match self.cache.recall(&digest) {
            Recall::Verdict(verdict) => return verdict,
            Recall::Aging(accepted) => {
                if let Some(permit) = self.permits.take() {
                    self.cache.postpone(digest, &accepted);
                    self.flights.start(digest, Arc::clone(self).verify(digest, verify(token.to_owned()), permit));
                }
                return Ok(accepted.token);
            }
            Recall::Known => true,
            Recall::Unknown => false,
        };
        // A request that joins a running verification drops its permit at once, together with `work`.
        let permit = self.permits.wait(is_known).await?;
        let work = Arc::clone(self).verify_once(digest, verify(token.to_owned()), permit);
        match self.flights.run(digest, work).await {
            Some(Ok(verdict)) => verdict,
            // Each request panics, as if it had called the verifier itself. The panic hook was called for the first one only.
            Some(Err(VerifierPanic)) => resume_unwind(Box::new("the verifier panicked")),
            None => Err(TokenError::unavailable("the verification was cut short")),
        }
    }

    /// Verifies a token, unless its verdict came while the request waited for a permit.
    async fn verify_once(
        self: Arc<Self>,
        digest: TokenDigest,
        verification: impl Future<Output = Verdict> + Send,
        permit: Permit,
    ) -> Result<Verdict, VerifierPanic> {
        match self.cache.recall(&digest) {
            Recall::Verdict(verdict) => Ok(verdict),
            Recall::Aging(accepted) => Ok(Ok(accepted.token)),
            Recall::Known | Recall::Unknown => self.verify(digest, verification, permit).await,
        }
    }

    async fn verify(
        self: Arc<Self>,
        digest: TokenDigest,
        verification: impl Future<Output = Verdict> + Send,
        permit: Permit,
    ) -> Result<Verdict, VerifierPanic> {
        // The lifetime counts from the request, because the verdict may have been true only right after it.
        let since = Instant::now();
        let verdict = catch(pin!(verification)).await.map_err(|_| VerifierPanic)?;
        let is_outage = matches!(verdict, Err(TokenError::Unavailable { .. }));
        permit.record(is_outage, since);
        self.cache.remember(digest, since, &verdict);
        Ok(verdict)
    }
}

/// The verdicts of the last moments.
struct VerdictCache {
    accepted: TokenCache<Accepted>,
    accepted_for: Duration,
    refused: TokenCache<(Instant, TokenError)>,
    refused_for: Duration,
    max_entry_bytes: usize,
}

/// A token that was accepted.
#[derive(Clone)]
struct Accepted {
    since: Instant,
    /// The age from which on the token is verified again, in the background.
    renewed_after: Duration,
    token: AccessToken,
}

/// The content of the cache about a token.
enum Recall {
    Verdict(Verdict),
    /// The token is accepted, and its verdict is due for renewal.
    Aging(Accepted),
    /// The token was accepted a while ago.
    Known,
    Unknown,
}

impl VerdictCache {
    fn recall(&self, digest: &TokenDigest) -> Recall {
        let accepted = self.accepted.get(digest);
        let is_known = accepted.is_some();
        if let Some(accepted) = accepted.filter(|accepted| accepted.since.elapsed() < self.accepted_for) {
            return match accepted.token.expires_at {
                Some(end) if end <= SystemTime::now() => Recall::Verdict(Err(TokenError::Expired)),
                _ if accepted.since.elapsed() >= accepted.renewed_after => Recall::Aging(accepted),
                _ => Recall::Verdict(Ok(accepted.token)),
            };
        }
        match self.refused.get(digest) {
            Some((since, error)) if since.elapsed() < self.refused_for => Recall::Verdict(Err(error)),
            _ if is_known => Recall::Known,
            _ => Recall::Unknown,
        }
    }

    fn remember(&self, digest: TokenDigest, since: Instant, verdict: &Verdict) {
        match verdict {
            Ok(token) => {
                self.refused.remove(&digest);
                // At 80 % of its life, so that no request has to wait for a token that is in use.
                let renewed_after = self.accepted_for / 5 * 4;
                self.accept(digest, Accepted { since, renewed_after, token: token.clone() });
            }
            Err(TokenError::Unavailable { .. }) => {}
            Err(error) => {
                self.accepted.remove(&digest);
                let bytes = error.bytes();
                if bytes <= self.max_entry_bytes {
                    self.refused.insert(digest, (since, error.clone()), bytes);
                }
            }
        }
    }

    /// Puts off the next renewal of a token, in case that the one that starts now fails.
    fn postpone(&self, digest: TokenDigest, accepted: &Accepted) {
        let renewed_after = accepted.renewed_after.saturating_add(self.accepted_for / 20);
        self.accept(digest, Accepted { renewed_after, ..accepted.clone() });
    }

    fn accept(&self, digest: TokenDigest, accepted: Accepted) {
        let bytes = accepted.token.bytes();
        match bytes <= self.max_entry_bytes {
            true => self.accepted.insert(digest, accepted, bytes),
            false => self.accepted.remove(&digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the verdict about a token, unless the cache has none.
    fn recall(cache: &VerdictCache, digest: &TokenDigest) -> Option<Verdict> {
        match cache.recall(digest) {
            Recall::Verdict(verdict) => Some(verdict),
            Recall::Aging(accepted) => Some(Ok(accepted.token)),
            Recall::Known | Recall::Unknown => None,
        }
    }

    fn cache(max_entry_bytes: usize) -> VerdictCache {
        VerdictCache {
            accepted: TokenCache::new(CacheLimits::default()),
            accepted_for: Duration::MAX,
            refused: TokenCache::new(CacheLimits::default()),
            refused_for: Duration::MAX,
            max_entry_bytes,
        }
    }

    #[test]
    fn what_is_remembered_ends_with_the_token() {
        let cache = cache(1024);
        let (digest, token) = (TokenDigest::of("a"), AccessToken::ours("alice"));
        let mut verdict = Ok(token.clone().with_expires_at(SystemTime::now() + Duration::from_secs(3600)));
        cache.remember(digest, Instant::now(), &verdict);
        assert_eq!(recall(&cache, &digest), Some(verdict));
        verdict = Ok(token.with_expires_at(SystemTime::now()));
        cache.remember(digest, Instant::now(), &verdict);
        assert_eq!(recall(&cache, &digest), Some(Err(TokenError::Expired)));
    }

    #[test]
    fn what_is_too_large_is_not_remembered() {
        let digest = TokenDigest::of("a");
        let token = AccessToken::ours("alice").with_scopes(["a"]).with_claim("list", vec!["some", "text"]);
        for verdict in [Ok(token.clone()), Err(TokenError::invalid("some reason"))] {
            let bytes = verdict.as_ref().map_or_else(TokenError::bytes, AccessToken::bytes);
            for (limit, expected) in [(bytes, Some(verdict.clone())), (bytes - 1, None)] {
                let cache = cache(limit);
                cache.remember(digest, Instant::now(), &verdict);
                assert_eq!(recall(&cache, &digest), expected);
            }
        }
        let larger = token.clone().with_claim("more", "text");
        assert!(larger.bytes() > token.bytes());
        let cache = cache(token.bytes());
        cache.remember(digest, Instant::now(), &Ok(token));
        cache.remember(digest, Instant::now(), &Ok(larger));
        assert_eq!(recall(&cache, &digest), None, "the older one is not true any more");
    }
}
