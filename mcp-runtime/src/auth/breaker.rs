//! The breaker of a service that does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The timeouts in a row after which the breaker opens.
const MAX_TIMEOUTS: u32 = 3;

/// A breaker, which opens after some timeouts in a row.
///
/// While it is open, one request at a time is a probe, and every other one fails at once. Otherwise each would wait for
/// the whole timeout, and the service, once it is back, get all of them together. An answer closes it.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    timeouts: AtomicU32,
    has_probe: AtomicBool,
}

/// The right to send one request.
#[derive(Debug)]
pub(super) struct Admission {
    breaker: Arc<Breaker>,
    is_probe: bool,
}

impl Breaker {
    /// Admits a request, unless the breaker is open and a probe is under way.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Admission> {
        let is_probe = self.is_open();
        if is_probe && self.has_probe.swap(true, Ordering::AcqRel) {
            return None;
        }
        Some(Admission { breaker: Arc::clone(self), is_probe })
    }

    fn is_open(&self) -> bool {
        self.timeouts.load(Ordering::Acquire) >= MAX_TIMEOUTS
    }
}

impl Admission {
    /// Returns `true` if the breaker opened after the request was admitted.
    pub(super) fn is_void(&self) -> bool {
        !self.is_probe && self.breaker.is_open()
    }

    /// Records the end of the request.
    pub(super) fn record(&self, timed_out: bool) {
        if timed_out {
            self.breaker.timeouts.fetch_add(1, Ordering::AcqRel);
        } else {
            self.breaker.timeouts.store(0, Ordering::Release);
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.has_probe.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_breaker_admits_one_at_a_time_until_there_is_an_answer() {
        let breaker = Arc::<Breaker>::default();
        let early = breaker.admit().unwrap();
        for _ in 0..MAX_TIMEOUTS {
            assert!(!early.is_void());
            breaker.admit().unwrap().record(true);
        }
        assert!(early.is_void());
        let probe = breaker.admit().unwrap();
        assert!(!probe.is_void() && breaker.admit().is_none());
        drop(probe);
        let probe = breaker.admit().unwrap();
        probe.record(false);
        assert!(!early.is_void() && breaker.admit().is_some());
        drop(probe);
        assert!(breaker.admit().is_some() && breaker.admit().is_some());
    }
}
