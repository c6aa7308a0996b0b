//! Rates over all instances of a server: each instance takes slices of the requests of an account.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};

use super::key_as_hash::KeyAsHash;
use super::rate::Rate;
use crate::backplane::Unavailable;
use crate::backplane::connection::READ_TIMEOUT;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::lock::locked;

/// The slices of a rate. A slice has at least one request, so that rates below this number are exact.
const SLICES: u64 = 20;

/// The slices that this instance has taken.
pub(super) struct SharedRates {
    link: Arc<Link>,
    slices: Mutex<Slices>,
}

struct Slices {
    max: usize,
    /// The slices by the hash of account and item.
    by_bucket: HashMap<u64, Arc<Slice>, BuildHasherDefault<KeyAsHash>>,
}

/// The requests of a bucket that this instance has taken.
struct Slice {
    stock: Mutex<Stock>,
    /// Held while a further slice is taken, so that the requests that wait for it take one together.
    turn: tokio::sync::Mutex<()>,
}

struct Stock {
    /// The requests that are left. A negative number is owed, for requests that were served beyond the rate.
    left: i64,
    /// The time at which the bucket would be full again, so that what is left counts no more.
    end: Instant,
    /// The time before which the bucket has no request.
    empty_until: Instant,
}

/// The content of the record of a bucket, which is a bucket of the [`RateLimiter`](super::limiter::RateLimiter).
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct StoredBucket {
    /// The time at which the bucket is full again, in nanoseconds since 1970.
    full_at: u64,
}

/// Requests that were taken out of a bucket.
#[derive(Debug, PartialEq)]
struct TakenSlice {
    requests: u64,
    /// The time after which the bucket is full again.
    full_in: Duration,
}

impl SharedRates {
    pub(super) fn new(link: Arc<Link>, max: usize) -> Self {
        Self { link, slices: Mutex::new(Slices { max, by_bucket: HashMap::default() }) }
    }

    /// Returns the part of a rate that this instance enforces alone.
    pub(super) fn own_part(&self, rate: Rate) -> Rate {
        rate.divided(self.link.instances())
    }

    /// Counts a request against a bucket. `key` is that of the bucket for all instances.
    ///
    /// The inner result has the time to wait. A request for which a slice is left does not wait for the engine.
    ///
    /// # Errors
    /// No slice is left, and the engine is unavailable.
    pub(super) async fn count(
        &self,
        bucket: u64,
        rate: Rate,
        key: impl FnOnce() -> Vec<u8>,
    ) -> Result<Result<(), Duration>, Unavailable> {
        let slice = locked(&self.slices).slice(bucket);
        if let Some(taken) = locked(&slice.stock).take(Instant::now()) {
            return Ok(taken);
        }
        // Boxed, because all requests would have to reserve its size.
        Box::pin(self.take_slice(&slice, rate, &key())).await
    }

    /// Counts a request that was served already. Beyond the rate, it is owed.
    pub(super) fn charge(&self, bucket: u64, rate: Rate) -> Result<(), Duration> {
        let slice = locked(&self.slices).slice(bucket);
        locked(&slice.stock).charge(rate, Instant::now())
    }

    /// Takes a slice, and a request of it.
    async fn take_slice(&self, slice: &Slice, rate: Rate, key: &[u8]) -> Result<Result<(), Duration>, Unavailable> {
        // Otherwise, the requests of an account would wait for a slow engine one after the other.
        let _turn = timeout(READ_TIMEOUT, slice.turn.lock()).await.map_err(|_| Unavailable)?;
        let owed = {
            let mut stock = locked(&slice.stock);
            if let Some(taken) = stock.take(Instant::now()) {
                return Ok(taken);
            }
            stock.left.min(0).unsigned_abs()
        };
        if self.link.is_down() {
            return Err(Unavailable);
        }
        let mut taken = Err(Duration::ZERO);
        let name = RecordName { kind: "rate", key };
        let updated = self.link.records().update(name, 2 * rate.unit(), |found: Option<StoredBucket>| {
            let (stored, slice) = take(found.as_ref(), rate, owed, now());
            taken = slice;
            (found.as_ref() != Some(&stored)).then_some(stored)
        });
        updated.await?;
        let (mut stock, now) = (locked(&slice.stock), Instant::now());
        stock.left = stock.left.saturating_add_unsigned(owed);
        match taken {
            Ok(TakenSlice { requests, full_in }) => {
                stock.left = stock.left.saturating_add_unsigned(requests);
                stock.end = now + full_in;
            }
            Err(wait) => stock.empty_until = now + wait,
        }
        Ok(stock.take(now).unwrap_or(Err(Duration::from_nanos(rate.interval()))))
    }
}

impl Slices {
    /// Returns the slice of a bucket, which is empty if there was none.
    fn slice(&mut self, bucket: u64) -> Arc<Slice> {
        if let Some(slice) = self.by_bucket.get(&bucket) {
            return Arc::clone(slice);
        }
        if self.by_bucket.len() >= self.max {
            self.evict();
        }
        let now = Instant::now();
        let stock = Mutex::new(Stock { left: 0, end: now, empty_until: now });
        let slice = Arc::new(Slice { stock, turn: tokio::sync::Mutex::default() });
        self.by_bucket.insert(bucket, Arc::clone(&slice));
        slice
    }

    /// Drops the slices that count no more, or else all. What is left of these is lost to their accounts.
    fn evict(&mut self) {
        let (before, now) = (self.by_bucket.len(), Instant::now());
        self.by_bucket.retain(|_, slice| {
            let stock = locked(&slice.stock);
            stock.end > now || stock.empty_until > now
        });
        // Otherwise, a flood of accounts would cause a scan for each of them.
        if before - self.by_bucket.len() <= before / 16 {
            self.by_bucket.clear();
        }
    }
}

impl Stock {
    /// Takes a request, or returns the time until there is one. Returns `None` if the engine decides.
    fn take(&mut self, now: Instant) -> Option<Result<(), Duration>> {
        if self.end <= now {
            self.left = 0;
        }
        if self.left > 0 {
            self.left -= 1;
            return Some(Ok(()));
        }
        let wait = self.empty_until.checked_duration_since(now).filter(|wait| !wait.is_zero())?;
        Some(Err(wait))
    }

    /// Takes a request, also if there is none. Returns an error if a slice of them is owed, or if the bucket is empty.
    fn charge(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let taken = self.take(now);
        if taken == Some(Ok(())) {
            return Ok(());
        }
        self.left -= 1;
        self.end = self.end.max(now + rate.unit());
        match taken {
            Some(refused) => refused,
            None if self.left.unsigned_abs() >= slice_of(rate) => Err(Duration::from_nanos(rate.interval())),
            None => Ok(()),
        }
    }
}

/// Takes a slice out of a bucket after what is owed, or returns the time until it has a request.
fn take(found: Option<&StoredBucket>, rate: Rate, owed: u64, now: u64) -> (StoredBucket, Result<TakenSlice, Duration>) {
    let capacity = rate.interval() * rate.burst();
    // The clock of another instance may be far ahead.
    let full_at = found.map_or(now, |found| found.full_at.clamp(now, now.saturating_add(2 * capacity)));
    let empty_for = (full_at - now).saturating_add(owed.saturating_mul(rate.interval()));
    let requests = (capacity.saturating_sub(empty_for) / rate.interval()).min(slice_of(rate));
    let full_in = empty_for.saturating_add(requests * rate.interval());
    let taken = match requests {
        0 => Err(Duration::from_nanos(empty_for.saturating_add(rate.interval()) - capacity)),
        _ => Ok(TakenSlice { requests, full_in: Duration::from_nanos(full_in) }),
    };
    (StoredBucket { full_at: now.saturating_add(full_in) }, taken)
}

fn slice_of(rate: Rate) -> u64 {
    (rate.burst() / SLICES).max(1)
}

/// Returns the time in nanoseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[tokio::test(start_paused = true)]
    async fn a_full_record_drops_what_counts_no_more_or_else_all() {
        let mut slices = Slices { max: 3, by_bucket: HashMap::default() };
        let mut hold = |bucket, seconds| {
            let slice = slices.slice(bucket);
            locked(&slice.stock).end = Instant::now() + Duration::from_secs(seconds);
            let mut known: Vec<_> = slices.by_bucket.keys().copied().collect();
            known.sort_unstable();
            known
        };
        assert_eq!((hold(1, 60), hold(2, 0), hold(3, 60)), (vec![1], vec![1, 2], vec![1, 2, 3]));
        assert_eq!(hold(4, 60), [1, 3, 4]);
        assert_eq!(hold(1, 60), [1, 3, 4]);
        assert_eq!(hold(5, 60), [5]);
    }

    #[test]
    fn slices_are_taken_until_the_bucket_is_empty_and_refilled_in_equal_steps() {
        let rate = Rate::per_minute(50);
        let mut bucket = None;
        let mut next = |owed, seconds| {
            let (stored, taken) = take(bucket.as_ref(), rate, owed, 1000 * SECOND + seconds * SECOND);
            bucket = Some(stored);
            taken.map(|slice| slice.requests)
        };
        for _ in 0..25 {
            assert_eq!(next(0, 0), Ok(2));
        }
        assert_eq!(next(0, 0), Err(Duration::from_millis(1200)));
        assert_eq!(next(0, 1), Err(Duration::from_millis(200)), "a refusal takes nothing");
        assert_eq!(next(0, 2), Ok(1), "less than a slice");
        assert_eq!(next(3, 2), Err(Duration::from_millis(4 * 1200 - 800)), "what is owed comes first");
        assert_eq!(next(0, 7), Ok(1));
        assert_eq!(next(0, 3600), Ok(2), "full again, and not more than full");
        assert_eq!(next(47, 3600), Ok(1));
        assert!(next(0, 3600).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_beyond_a_slice_are_owed_up_to_a_further_one() {
        let (rate, now) = (Rate::per_minute(50), Instant::now());
        let mut stock = Stock { left: 1, end: now + rate.unit(), empty_until: now };
        assert_eq!([(); 3].map(|()| stock.charge(rate, now).is_ok()), [true, true, false]);
        assert_eq!((stock.left, stock.take(now)), (-2, None));
        stock.empty_until = now + Duration::from_secs(3);
        assert_eq!(stock.charge(rate, now), Err(Duration::from_secs(3)));
        assert_eq!((stock.left, stock.take(now + rate.unit())), (-3, None), "nothing is owed then");
        assert_eq!(stock.left, 0);
    }

    #[test]
    fn a_clock_that_is_ahead_empties_a_bucket_for_two_units_at_most() {
        let (rate, now) = (Rate::per_minute(60), 1000 * SECOND);
        let ahead = StoredBucket { full_at: u64::MAX };
        let (stored, taken) = take(Some(&ahead), rate, 0, now);
        assert_eq!(taken, Err(Duration::from_secs(61)));
        assert_eq!(stored, StoredBucket { full_at: now + 120 * SECOND });
    }
}
