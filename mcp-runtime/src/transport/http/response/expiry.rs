//! The end of a stream whose token expires.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The longest timeout, because `Instant` overflows.
pub(in crate::transport::http) const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time at which a token expires.
#[derive(Debug, Clone, Copy)]
pub(in crate::transport::http) struct Expiry {
    /// The time in the token.
    time: SystemTime,
    /// That time on the monotonic clock, which is never set back.
    pub(in crate::transport::http) instant: Instant,
}

impl Expiry {
    /// Creates the expiry of a token that is valid until `time`.
    pub(in crate::transport::http) fn at(time: SystemTime) -> Self {
        let rest = time.duration_since(SystemTime::now()).unwrap_or_default();
        Self { time, instant: Instant::now() + rest.min(A_YEAR) }
    }

    /// Returns `true` if the token has expired, by either clock.
    pub(in crate::transport::http) fn is_over(self) -> bool {
        self.time <= SystemTime::now() || self.instant <= Instant::now()
    }
}
