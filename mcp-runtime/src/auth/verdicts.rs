//! Verdicts about tokens that somebody else is asked about: remembered for a short time, shared by those who wait for the
//! same one, and a bounded number of them at once.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::single_flight::SingleFlight;
use super::token_cache::TokenCache;
use super::{AccessToken, TokenDigest, TokenError};
use crate::panics::catch;

pub(super) type Verdict = Result<AccessToken, TokenError>;

/// Bounds of the memory and the work.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// The longest token that is looked at, in bytes.
    pub(super) max_token_bytes: usize,
    /// The number of accepted tokens that are remembered, and of refused ones.
    pub(super) cache_capacity: usize,
    /// The size of what is remembered of one token, in bytes.
    pub(super) max_entry_bytes: usize,
    pub(super) cache_lifetime: Duration,
    pub(super) refusal_lifetime: Duration,
    /// The number of verifications that are under way at once.
    pub(super) max_concurrent: usize,
    /// The time that a request waits for its turn.
    pub(super) patience: Duration,
}

/// The end of a verification that has no verdict, because the verifier has a fault.
#[derive(Debug, Clone, Copy)]
struct Panicked;

pub(super) struct Verdicts {
    max_token_bytes: usize,
    memory: Memory,
    /// One for each verification that may be under way.
    turns: Arc<Semaphore>,
    patience: Duration,
    flights: SingleFlight<TokenDigest, Result<Verdict, Panicked>>,
}

impl Verdicts {
    pub(super) fn new(bounds: &Bounds) -> Self {
        Self {
            max_token_bytes: bounds.max_token_bytes,
            memory: Memory {
                accepted: TokenCache::new(bounds.cache_capacity),
                accepted_for: bounds.cache_lifetime,
                refused: TokenCache::new(bounds.cache_capacity),
                refused_for: bounds.refusal_lifetime,
                max_entry_bytes: bounds.max_entry_bytes,
            },
            turns: Arc::new(Semaphore::new(bounds.max_concurrent.min(Semaphore::MAX_PERMITS))),
            patience: bounds.patience,
            flights: SingleFlight::new(),
        }
    }

    /// Returns the verdict about a token: the one that is remembered, or that is under way, or else that of `ask`. Its panic
    /// goes on in everyone who waits for it.
    pub(super) async fn about<W>(self: &Arc<Self>, token: &str, ask: impl FnOnce(String) -> W) -> Verdict
    where
        W: Future<Output = Verdict> + Send + 'static,
    {
        if token.len() > self.max_token_bytes {
            return Err(TokenError::invalid("it is longer than `max_token_bytes`"));
        }
        let digest = TokenDigest::of(token);
        if let Some(verdict) = self.memory.recall(&digest) {
            return verdict;
        }
        // Whoever only waits for the verification of another request gives it back at once.
        let turn = self.turn().await?;
        let work = Arc::clone(self).verify(digest, ask(token.to_owned()), turn);
        match self.flights.run(digest, work).await {
            Some(Ok(verdict)) => verdict,
            // A fault of the verifier's is one in each request that waited for it, as if it had been asked there. The panic
            // itself was reported where it was.
            Some(Err(Panicked)) => resume_unwind(Box::new("the verifier panicked")),
            None => Err(TokenError::unavailable("the verification was cut short")),
        }
    }

    /// Waits in the request, not in a task of its own, so that a client that goes away leaves nothing behind.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, TokenError> {
        match timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(TokenError::unavailable("`max_concurrent` verifications were under way all the time")),
        }
    }

    async fn verify(
        self: Arc<Self>,
        digest: TokenDigest,
        ask: impl Future<Output = Verdict> + Send,
        _turn: OwnedSemaphorePermit,
    ) -> Result<Verdict, Panicked> {
        // Another verification of this token may have ended since its request looked.
        if let Some(verdict) = self.memory.recall(&digest) {
            return Ok(verdict);
        }
        let asked_at = Instant::now();
        let verdict = catch(AssertUnwindSafe(ask)).await.map_err(|_| Panicked)?;
        self.memory.remember(digest, asked_at, &verdict);
        Ok(verdict)
    }
}

/// Verdicts of the last moments.
struct Memory {
    accepted: TokenCache<(Instant, AccessToken)>,
    accepted_for: Duration,
    refused: TokenCache<(Instant, TokenError)>,
    refused_for: Duration,
    max_entry_bytes: usize,
}

impl Memory {
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

    /// The time counts from the question: the answer may have been decided right after it.
    fn remember(&self, digest: TokenDigest, asked_at: Instant, verdict: &Verdict) {
        match verdict {
            Ok(token) => {
                self.refused.remove(&digest);
                match token.bytes() <= self.max_entry_bytes {
                    true => self.accepted.insert(digest, (asked_at, token.clone())),
                    false => self.accepted.remove(&digest),
                }
            }
            Err(TokenError::Unavailable { .. }) => {}
            Err(error) => {
                self.accepted.remove(&digest);
                if error.bytes() <= self.max_entry_bytes {
                    self.refused.insert(digest, (asked_at, error.clone()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(max_entry_bytes: usize) -> Memory {
        Memory {
            accepted: TokenCache::new(2),
            accepted_for: Duration::MAX,
            refused: TokenCache::new(2),
            refused_for: Duration::MAX,
            max_entry_bytes,
        }
    }

    #[test]
    fn what_is_remembered_ends_with_the_token() {
        let memory = memory(1024);
        let (digest, token) = (TokenDigest::of("a"), AccessToken::ours("alice"));
        let mut verdict = Ok(token.clone().with_expires_at(SystemTime::now() + Duration::from_secs(3600)));
        memory.remember(digest, Instant::now(), &verdict);
        assert_eq!(memory.recall(&digest), Some(verdict));
        verdict = Ok(token.with_expires_at(SystemTime::now()));
        memory.remember(digest, Instant::now(), &verdict);
        assert_eq!(memory.recall(&digest), Some(Err(TokenError::Expired)));
    }

    #[test]
    fn what_is_too_large_is_not_remembered() {
        let digest = TokenDigest::of("a");
        let token = AccessToken::ours("alice").with_scopes(["a"]).with_claim("list", vec!["some", "text"]);
        for verdict in [Ok(token.clone()), Err(TokenError::invalid("some reason"))] {
            let bytes = verdict.as_ref().map_or_else(TokenError::bytes, AccessToken::bytes);
            for (limit, expected) in [(bytes, Some(verdict.clone())), (bytes - 1, None)] {
                let memory = memory(limit);
                memory.remember(digest, Instant::now(), &verdict);
                assert_eq!(memory.recall(&digest), expected);
            }
        }
        let larger = token.clone().with_claim("more", "text");
        assert!(larger.bytes() > token.bytes());
        let memory = memory(token.bytes());
        memory.remember(digest, Instant::now(), &Ok(token));
        memory.remember(digest, Instant::now(), &Ok(larger));
        assert_eq!(memory.recall(&digest), None, "the older one is not true any more");
    }
}
