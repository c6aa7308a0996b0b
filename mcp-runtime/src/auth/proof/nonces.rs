//! Nonces of the server (RFC 9449 §9): sealed times, of which nothing is kept.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;

use crate::seal::StateKeys;

/// The nonces of a resource, which every instance with the same keys accepts.
pub(super) struct Nonces {
    keys: Arc<StateKeys>,
    /// The purpose of these sealed texts, which no other sealed text has.
    purpose: String,
    lifetime: Duration,
}

impl Nonces {
    pub(super) fn new(keys: Arc<StateKeys>, resource: &str, lifetime: Duration) -> Self {
        Self { keys, purpose: format!("DPoP nonce of {resource}"), lifetime }
    }

    /// Returns a nonce that is valid from now on, unless the system lacks randomness.
    pub(super) fn issue(&self) -> Option<HeaderValue> {
        let nonce = self.keys.seal(&self.purpose, &millis(SystemTime::now()).to_string()).ok()?;
        HeaderValue::try_from(nonce).ok()
    }

    pub(super) fn is_valid(&self, nonce: &str, now: SystemTime) -> bool {
        let issued_at = self.keys.open(&self.purpose, nonce).and_then(|time| time.parse::<u64>().ok());
        // The clock of another instance may be ahead.
        issued_at.is_some_and(|time| u128::from(millis(now).saturating_sub(time)) < self.lifetime.as_millis())
    }
}

/// Converts a time to milliseconds since 1970.
fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_a_time_and_for_one_resource() {
        let keys = Arc::new(StateKeys::random());
        let nonces = |resource| Nonces::new(Arc::clone(&keys), resource, Duration::from_secs(60));
        let here = nonces("https://a.example/mcp");
        let nonce = here.issue().expect("a nonce");
        let nonce = nonce.to_str().expect("ASCII");
        let now = SystemTime::now();
        assert!(here.is_valid(nonce, now));
        assert!(here.is_valid(nonce, now - Duration::from_secs(30)), "another clock is ahead");
        assert!(!here.is_valid(nonce, now + Duration::from_secs(61)));
        assert!(!nonces("https://b.example/mcp").is_valid(nonce, now));
        assert!(!here.is_valid("", now));
    }
}
