//! The limiter: how much of its rates each account has used.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::key_as_hash::KeyAsHash;
use super::rate::Rate;
use super::shared_rates::SharedRates;
use crate::auth::{AccessToken, Account};
use crate::backplane::Unavailable;
use crate::backplane::codec::encode;
use crate::backplane::link::Link;
use crate::limits::StateLimits;
use crate::lock::locked;
use crate::protocol::error::Error;

/// The part of a full record that is dropped at once, so that a flood of accounts causes few scans.
const EVICTED: usize = 16;

/// The use of rates, in the memory of this process, or shared with other instances.
///
/// It is a token bucket in the form of the generic cell rate algorithm (GCRA), which needs one time for each account
/// and item. Nothing runs in the background: a bucket is full when its time is in the past.
pub(crate) struct RateLimiter {
    started: Instant,
    /// The hash function, with secret keys. An equal hash of two buckets cannot be provoked.
    hashes: RandomState,
    buckets: Mutex<Buckets>,
    /// The use that is shared with other instances. Absent for a server that runs alone.
    shared: OnceLock<SharedRates>,
}

struct Buckets {
    max: usize,
    /// The time at which a bucket is full again, in nanoseconds since the start, by the hash of account and item.
    full_at: HashMap<u64, u64, BuildHasherDefault<KeyAsHash>>,
}

/// The subject of a rate.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum RateTarget {
    /// All requests to the server.
    Server,
    /// A tool, by its name.
    Tool(&'static str),
    /// A resource, by its URI or template.
    Resource(&'static str),
    /// A prompt, by its name.
    Prompt(&'static str),
}

/// Writes the key without its length, because it ends what is hashed.
impl Hash for RateTarget {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (variant, key) = match self {
            Self::Server => (0, ""),
            Self::Tool(key) => (1, *key),
            Self::Resource(key) => (2, *key),
            Self::Prompt(key) => (3, *key),
        };
        state.write_u8(variant);
        state.write(key.as_bytes());
    }
}

impl fmt::Display for RateTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => Ok(()),
            Self::Tool(key) | Self::Resource(key) | Self::Prompt(key) => write!(f, " for `{key}`"),
        }
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        let buckets = Buckets::new(StateLimits::default().rates);
        Self {
            started: Instant::now(),
            hashes: RandomState::new(),
            buckets: Mutex::new(buckets),
            shared: OnceLock::new(),
        }
    }
}

impl RateLimiter {
    /// Limits the buckets. A bucket that was never used, or is full again, needs no place.
    pub(crate) fn set_max(&self, max: usize) {
        locked(&self.buckets).max = max;
    }

    /// Shares the use of rates with other instances, once.
    pub(crate) fn share(&self, link: Arc<Link>) {
        drop(self.shared.set(SharedRates::new(link, locked(&self.buckets).max)));
    }

    /// Counts a request of the holder of a token.
    ///
    /// # Errors
    /// The request is beyond the rate. It is not counted then.
    pub(crate) async fn count(&self, rate: Rate, target: RateTarget, token: Option<&AccessToken>) -> Result<(), Error> {
        let bucket = self.bucket(rate, target, token);
        let counted = match self.shared.get() {
            None => self.ask(bucket, rate, Buckets::take),
            Some(shared) => {
                let key = || encode(&(Account::of(token), rate.to_string(), target));
                match shared.count(bucket, rate, key).await {
                    Ok(counted) => counted,
                    Err(Unavailable) => self.ask(bucket, shared.own_part(rate), Buckets::take),
                }
            }
        };
        counted.map_err(|wait| limited(rate, target, wait))
    }

    /// Counts a request that was served already. Beyond the rate, the next ones wait longer.
    ///
    /// # Errors
    /// The request is beyond the rate. It is counted nevertheless.
    pub(crate) fn charge(&self, rate: Rate, target: RateTarget, token: Option<&AccessToken>) -> Result<(), Error> {
        let bucket = self.bucket(rate, target, token);
        let charged = match self.shared.get() {
            None => self.ask(bucket, rate, Buckets::charge),
            Some(shared) => shared.charge(bucket, rate),
        };
        charged.map_err(|wait| limited(rate, target, wait))
    }

    /// Returns the hash of an account and an item.
    fn bucket(&self, rate: Rate, target: RateTarget, token: Option<&AccessToken>) -> u64 {
        // With the rate, because a tool that is known at run time only can come back with another one.
        self.hashes.hash_one((Account::of(token), rate.key(), target))
    }

    fn ask(
        &self,
        bucket: u64,
        rate: Rate,
        take: fn(&mut Buckets, u64, Rate, u64) -> Result<(), Duration>,
    ) -> Result<(), Duration> {
        let now = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        take(&mut locked(&self.buckets), bucket, rate, now)
    }
}

/// Returns the error of a request beyond a rate.
fn limited(rate: Rate, target: RateTarget, wait: Duration) -> Error {
    Error::rate_limited(&format!("{target} (at most {rate})"), wait)
}

impl Buckets {
    fn new(max: usize) -> Self {
        Self { max, full_at: HashMap::default() }
    }

    /// Takes one request out of a bucket, or returns the time until it has one.
    fn take(&mut self, bucket: u64, rate: Rate, now: u64) -> Result<(), Duration> {
        self.take_within(bucket, rate, now, true)
    }

    /// Takes one request out of a bucket, also of an empty one, for which it returns the time until it had one.
    fn charge(&mut self, bucket: u64, rate: Rate, now: u64) -> Result<(), Duration> {
        self.take_within(bucket, rate, now, false)
    }

    /// Takes one request out of a bucket. If `strict` is set, an empty one gives none.
    fn take_within(&mut self, bucket: u64, rate: Rate, now: u64, strict: bool) -> Result<(), Duration> {
        let known = self.full_at.get_mut(&bucket);
        let full_at = known.as_deref().copied().unwrap_or_default().max(now).saturating_add(rate.interval());
        let (empty_for, capacity) = (full_at - now, rate.interval() * rate.burst());
        let taken = match empty_for.checked_sub(capacity) {
            None | Some(0) => Ok(()),
            Some(wait) => Err(Duration::from_nanos(wait)),
        };
        if strict && taken.is_err() {
            return taken;
        }
        if let Some(known) = known {
            *known = full_at;
            return taken;
        }
        if self.full_at.len() >= self.max {
            self.evict(now);
        }
        self.full_at.insert(bucket, full_at);
        taken
    }

    /// Evicts the buckets that are full again, and at least those that are the closest to it.
    fn evict(&mut self, now: u64) {
        let mut times: Vec<u64> = self.full_at.values().copied().collect();
        if times.is_empty() {
            return;
        }
        let place = times.len() / EVICTED;
        let (_, closest, _) = times.select_nth_unstable(place);
        let last = now.max(*closest);
        self.full_at.retain(|_, full_at| *full_at > last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_is_followed_by_equal_steps() {
        let mut buckets = Buckets::new(10);
        let rate = Rate::per_minute(30);
        for _ in 0..30 {
            assert_eq!(buckets.take(1, rate, 5 * SECOND), Ok(()));
        }
        assert_eq!(buckets.take(1, rate, 5 * SECOND), Err(Duration::from_secs(2)));
        assert_eq!(buckets.take(1, rate, 6 * SECOND), Err(Duration::from_secs(1)), "a refused request takes nothing");
        assert_eq!(buckets.take(1, rate, 7 * SECOND), Ok(()));
        assert_eq!(buckets.take(1, rate, 7 * SECOND), Err(Duration::from_secs(2)));
        assert_eq!(buckets.charge(1, rate, 7 * SECOND), Err(Duration::from_secs(2)));
        assert_eq!(buckets.take(1, rate, 7 * SECOND), Err(Duration::from_secs(4)), "what was served is owed");
        // Full again, and not more than full.
        for _ in 0..30 {
            assert_eq!(buckets.take(1, rate, 3600 * SECOND), Ok(()));
        }
        assert!(buckets.take(1, rate, 3600 * SECOND).is_err());
    }

    #[test]
    fn the_largest_and_the_smallest_rate_are_exact() {
        let mut buckets = Buckets::new(10);
        let (fast, slow) = (Rate::per_second(1_000_000), Rate::per_hour(1));
        for _ in 0..1_000_000 {
            assert_eq!(buckets.take(1, fast, 0), Ok(()));
        }
        assert_eq!(buckets.take(1, fast, 0), Err(Duration::from_micros(1)));
        assert_eq!(buckets.take(2, slow, u64::MAX - 7200 * SECOND), Ok(()));
        assert_eq!(buckets.take(2, slow, u64::MAX - 7200 * SECOND), Err(Duration::from_secs(3600)));
    }

    #[test]
    fn a_full_record_drops_what_is_full_again_or_else_the_closest_to_it() {
        let mut buckets = Buckets::new(3);
        let rate = Rate::per_minute(2);
        for (bucket, times) in [(1, 1), (2, 2), (3, 1)] {
            for _ in 0..times {
                assert_eq!(buckets.take(bucket, rate, bucket * SECOND), Ok(()));
            }
        }
        // The first is full after 31 seconds, the second after 62, the third after 33.
        assert_eq!(buckets.take(4, rate, 10 * SECOND), Ok(()));
        let mut known: Vec<_> = buckets.full_at.keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [2, 3, 4]);
        assert_eq!(buckets.take(5, rate, 45 * SECOND), Ok(()));
        let mut known: Vec<_> = buckets.full_at.keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [2, 5], "the others are full again");
        assert!(buckets.take(2, rate, 2 * SECOND).is_err());
    }

    #[tokio::test]
    async fn an_account_with_many_tokens_has_one_bucket() {
        let limiter = RateLimiter::default();
        let rate = Rate::per_hour(1);
        let alice = |client: &str| AccessToken::ours(client).with_subject("alice").with_issuer("https://a.example.com");
        let count = async |token: AccessToken| limiter.count(rate, RateTarget::Server, Some(&token)).await.is_ok();
        assert!(count(alice("one")).await);
        assert!(!count(alice("two")).await, "another client of the same account");
        for other in [
            alice("one").with_subject("bob"),
            alice("one").with_issuer("https://b.example.com"),
            alice("one").with_authority("https://a.example.com/tenant"),
            // The client is the account if there is no subject.
            AccessToken::ours("alice"),
            AccessToken::ours("bob"),
        ] {
            assert!(count(other.clone()).await, "{other:?}");
            assert!(!count(other).await);
        }
        assert!(limiter.count(rate, RateTarget::Server, None).await.is_ok(), "a server without callers");
        assert!(limiter.count(rate, RateTarget::Tool("a"), Some(&alice("one"))).await.is_ok());
        assert!(limiter.count(rate, RateTarget::Prompt("a"), Some(&alice("one"))).await.is_ok());
    }
}
