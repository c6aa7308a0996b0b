//! The verdicts of a slow verifier: cached, shared, and limited in number.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::single_flight::SingleFlight;
use super::token_cache::TokenCache;
use super::{AccessToken, TokenDigest, TokenError};
use crate::panics::catch;

/// The verdict of a verifier.
pub(super) type Verdict = Result<AccessToken, TokenError>;

/// The limits of the cache and of the verifications.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// The longest token that is verified, in bytes.
    pub(super) max_token_bytes: usize,
    /// The number of accepted tokens that are cached, and of refused ones.
    pub(super) cache_capacity: usize,
    /// The size of a cache entry, in bytes.
    pub(super) max_entry_bytes: usize,
    pub(super) cache_lifetime: Duration,
    pub(super) refusal_lifetime: Duration,
    /// The number of verifications that run at once.
    pub(super) max_concurrent: usize,
    /// The time that a request waits for a permit.
    pub(super) patience: Duration,
}

/// The end of a verification without a verdict, because the verifier panicked.
#[derive(Debug, Clone, Copy)]
struct VerifierPanic;

/// The verdicts about the tokens of a verifier.
pub(super) struct Verdicts {
    max_token_bytes: usize,
    cache: VerdictCache,
    /// A permit for each verification that may run at once.
    permits: Arc<Semaphore>,
    patience: Duration,
    flights: SingleFlight<TokenDigest, Result<Verdict, VerifierPanic>>,
}

impl Verdicts {
    pub(super) fn new(bounds: &Bounds) -> Self {
        Self {
            max_token_bytes: bounds.max_token_bytes,
            cache: VerdictCache {
                accepted: TokenCache::new(bounds.cache_capacity),
                accepted_for: bounds.cache_lifetime,
                refused: TokenCache::new(bounds.cache_capacity),
                refused_for: bounds.refusal_lifetime,
                max_entry_bytes: bounds.max_entry_bytes,
            },
            permits: Arc::new(Semaphore::new(bounds.max_concurrent.min(Semaphore::MAX_PERMITS))),
            patience: bounds.patience,
            flights: SingleFlight::new(),
        }
    }

    /// Returns the verdict about a token, if necessary by `verify`.
    ///
    /// # Panics
    /// When the verification panics.
    pub(super) async fn about<W>(self: &Arc<Self>, token: &str, verify: impl FnOnce(String) -> W) -> Verdict
    where
        W: Future<Output = Verdict> + Send + 'static,
    {
        if token.len() > self.max_token_bytes {
            return Err(TokenError::invalid("it is longer than `max_token_bytes`"));
        }
        let digest = TokenDigest::of(token);
        if let Some(verdict) = self.cache.recall(&digest) {
            return verdict;
        }
        // A request that joins a running verification drops its permit at once, together with `work`.
        let permit = self.permit().await?;
        let work = Arc::clone(self).verify(digest, verify(token.to_owned()), permit);
        match self.flights.run(digest, work).await {
            Some(Ok(verdict)) => verdict,
            // Each request panics, as if it had called the verifier itself. The panic hook was called for the first one only.
            Some(Err(VerifierPanic)) => resume_unwind(Box::new("the verifier panicked")),
            None => Err(TokenError::unavailable("the verification was cut short")),
        }
    }

    /// Waits for a permit, and stops when the client disconnects.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, TokenError> {
        match timeout(self.patience, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(TokenError::unavailable("`max_concurrent` verifications were under way all the time")),
        }
    }

    async fn verify(
        self: Arc<Self>,
        digest: TokenDigest,
        verification: impl Future<Output = Verdict> + Send,
        _permit: OwnedSemaphorePermit,
    ) -> Result<Verdict, VerifierPanic> {
        // Another verification of this token may have ended while its request waited for a permit.
        if let Some(verdict) = self.cache.recall(&digest) {
            return Ok(verdict);
        }
        // The lifetime counts from the request, because the verdict may have been true only right after it.
        let since = Instant::now();
        let verdict = catch(AssertUnwindSafe(verification)).await.map_err(|_| VerifierPanic)?;
        self.cache.remember(digest, since, &verdict);
        Ok(verdict)
    }
}

/// The verdicts of the last moments.
struct VerdictCache {
    accepted: TokenCache<(Instant, AccessToken)>,
    accepted_for: Duration,
    refused: TokenCache<(Instant, TokenError)>,
    refused_for: Duration,
    max_entry_bytes: usize,
}

impl VerdictCache {
    fn recall(&self, digest: &TokenDigest) -> Option<Verdict> {
        if let Some((since, token)) = self.accepted.get(digest)
            && since.elapsed() < self.accepted_for
        {
            let is_over = token.expires_at.is_some_and(|end| end <= SystemTime::now());
            return Some(if is_over { Err(TokenError::Expired) } else { Ok(token) });
        }
        let (since, error) = self.refused.get(digest)?;
        (since.elapsed() < self.refused_for).then_some(Err(error))
    }

    fn remember(&self, digest: TokenDigest, since: Instant, verdict: &Verdict) {
        match verdict {
            Ok(token) => {
                self.refused.remove(&digest);
                match token.bytes() <= self.max_entry_bytes {
                    true => self.accepted.insert(digest, (since, token.clone())),
                    false => self.accepted.remove(&digest),
                }
            }
            Err(TokenError::Unavailable { .. }) => {}
            Err(error) => {
                self.accepted.remove(&digest);
                if error.bytes() <= self.max_entry_bytes {
                    self.refused.insert(digest, (since, error.clone()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(max_entry_bytes: usize) -> VerdictCache {
        VerdictCache {
            accepted: TokenCache::new(2),
            accepted_for: Duration::MAX,
            refused: TokenCache::new(2),
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
        assert_eq!(cache.recall(&digest), Some(verdict));
        verdict = Ok(token.with_expires_at(SystemTime::now()));
        cache.remember(digest, Instant::now(), &verdict);
        assert_eq!(cache.recall(&digest), Some(Err(TokenError::Expired)));
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
                assert_eq!(cache.recall(&digest), expected);
            }
        }
        let larger = token.clone().with_claim("more", "text");
        assert!(larger.bytes() > token.bytes());
        let cache = cache(token.bytes());
        cache.remember(digest, Instant::now(), &Ok(token));
        cache.remember(digest, Instant::now(), &Ok(larger));
        assert_eq!(cache.recall(&digest), None, "the older one is not true any more");
    }
}
