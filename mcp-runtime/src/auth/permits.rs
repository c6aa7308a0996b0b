//! The permits of requests to a service: turns, behind a breaker.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::TokenError;
use super::breaker::{Admission, Breaker};
use super::turns::{Turn, Turns};

/// The permits of requests to a service: so many at once, and one at a time while it does not answer.
#[derive(Debug)]
pub(super) struct Permits {
    /// The plural of such a request, for messages.
    requests: &'static str,
    turns: Turns,
    breaker: Arc<Breaker>,
    /// The time that a request waits for its turn, and the time of a request.
    patience: Duration,
}

/// The right to send one request now.
pub(super) struct Permit {
    admission: Admission,
    patience: Duration,
    _turn: Turn,
}

impl Permits {
    pub(super) fn new(requests: &'static str, max: usize, patience: Duration) -> Self {
        Self { requests, turns: Turns::new(max, patience), breaker: Arc::default(), patience }
    }

    /// Waits for a permit, and stops when the client disconnects.
    pub(super) async fn wait(&self, is_known: bool) -> Result<Permit, TokenError> {
        let requests = self.requests;
        let silent = || {
            TokenError::unavailable(format!(
                "the last {requests} took longer than `timeout`, so one is tried at a time"
            ))
        };
        let admission = self.breaker.admit().ok_or_else(silent)?;
        let busy = || TokenError::unavailable(format!("`max_concurrent` {requests} were under way all the time"));
        let turn = self.turns.wait(is_known).await.ok_or_else(busy)?;
        if admission.is_void() { Err(silent()) } else { Ok(Permit { admission, patience: self.patience, _turn: turn }) }
    }

    /// Returns a permit if nobody has to wait for it.
    pub(super) fn take(&self) -> Option<Permit> {
        Some(Permit { _turn: self.turns.take()?, admission: self.breaker.admit()?, patience: self.patience })
    }
}

impl Permit {
    /// Records the end of the request that began `since` then.
    pub(super) fn record(&self, is_outage: bool, since: Instant) {
        self.admission.record(is_outage && since.elapsed() >= self.patience);
    }
}
