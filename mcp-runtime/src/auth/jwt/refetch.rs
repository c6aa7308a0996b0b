//! Limits of fetching keys again for tokens that no key confirms.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The number of unknown `kid`s that are remembered.
const MAX_UNKNOWN_KIDS: usize = 128;

/// The `kid`s that the issuer did not have a moment ago, oldest first.
///
/// A client that repeats its request with such a `kid` uses up no fetch for another one.
#[derive(Default)]
pub(super) struct UnknownKids(VecDeque<(String, Instant)>);

impl UnknownKids {
    /// Removes the `kid`s that are older than `after`.
    pub(super) fn forget(&mut self, now: Instant, after: Duration) {
        while self.0.front().is_some_and(|(_, since)| now.saturating_duration_since(*since) >= after) {
            self.0.pop_front();
        }
    }

    pub(super) fn remember(&mut self, kid: &str, now: Instant) {
        if self.contain(kid) {
            return;
        }
        if self.0.len() == MAX_UNKNOWN_KIDS {
            self.0.pop_front();
        }
        self.0.push_back((kid.to_owned(), now));
    }

    pub(super) fn contain(&self, kid: &str) -> bool {
        self.0.iter().any(|(known, _)| known == kid)
    }
}

/// A limit of a burst and of a rate (a token bucket).
pub(super) struct RateLimit {
    burst: u32,
    every: Duration,
    /// The time that it takes from `as_of` until a whole burst is available again.
    debt: Duration,
    as_of: Instant,
}

impl RateLimit {
    /// The longest interval, because no longer one ends in practice and products overflow.
    const MAX_INTERVAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    pub(super) fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every: every.min(Self::MAX_INTERVAL), debt: Duration::ZERO, as_of: Instant::now() }
    }

    /// Takes one. The error is the time until the next one is available.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.debt = self.debt.saturating_sub(now.saturating_duration_since(self.as_of));
        self.as_of = now;
        let debt = self.debt + self.every;
        let wait = debt.saturating_sub(self.every * self.burst);
        if self.burst == 0 || !wait.is_zero() {
            return Err(wait);
        }
        self.debt = debt;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_gives_a_burst_and_then_one_at_a_time() {
        let mut bucket = RateLimit::new(3, 30 * SECOND);
        let start = Instant::now();
        let mut take = |seconds: u32| bucket.take(start + seconds * SECOND);
        assert_eq!([take(0), take(0), take(0)], [Ok(()); 3]);
        assert_eq!(take(0), Err(30 * SECOND));
        assert_eq!(take(10), Err(20 * SECOND));
        assert_eq!([take(30), take(30)], [Ok(()), Err(30 * SECOND)]);
        assert_eq!([take(95), take(95), take(95)], [Ok(()), Ok(()), Err(25 * SECOND)]);
        assert_eq!([take(1000), take(1000), take(1000), take(1000)], [Ok(()), Ok(()), Ok(()), Err(30 * SECOND)]);
    }

    #[test]
    fn the_extremes_of_a_bucket() {
        let now = Instant::now();
        assert!(RateLimit::new(0, SECOND).take(now).is_err());
        assert!(RateLimit::new(0, Duration::ZERO).take(now).is_err());
        let mut unlimited = RateLimit::new(1, Duration::ZERO);
        assert!((0..1000).all(|_| unlimited.take(now).is_ok()));
        let mut once = RateLimit::new(1, Duration::MAX);
        assert_eq!([once.take(now), once.take(now)], [Ok(()), Err(RateLimit::MAX_INTERVAL)]);
        assert!(RateLimit::new(u32::MAX, Duration::MAX).take(now).is_ok());
    }

    #[test]
    fn unknown_kids_are_bounded_in_number_and_time() {
        let mut kids = UnknownKids::default();
        let start = Instant::now();
        for number in 0..2 * MAX_UNKNOWN_KIDS {
            kids.remember(&number.to_string(), start);
            kids.remember(&number.to_string(), start);
            assert!(kids.0.len() <= MAX_UNKNOWN_KIDS);
        }
        assert!(kids.contain("255") && kids.contain("128") && !kids.contain("127"));
        kids.remember("late", start + SECOND);
        kids.forget(start + 30 * SECOND, 30 * SECOND);
        assert!(kids.contain("late") && !kids.contain("255"));
    }
}
