//! The health of a server, as its last operations showed it.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The timeouts in a row after which a server counts as down.
const MAX_TIMEOUTS: u32 = 2;

/// The time between two operations that test a server that counts as down. Every other one fails at once.
const PAUSE: Duration = Duration::from_secs(1);

/// The time between two warnings.
const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// The breaker of a server that does not respond, and the log about it.
#[derive(Default)]
pub(crate) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    timeouts: u32,
    tested: Option<Instant>,
    is_down: bool,
    warned: Option<Instant>,
}

impl Health {
    /// Returns `true` if an operation may be tried.
    pub(crate) fn admits(&self) -> bool {
        let mut state = self.state();
        if state.timeouts < MAX_TIMEOUTS {
            return true;
        }
        let is_test = state.tested.is_none_or(|tested| tested.elapsed() >= PAUSE);
        if is_test {
            state.tested = Some(Instant::now());
        }
        is_test
    }

    /// Notes that the server did what it was asked for.
    pub(crate) fn succeed(&self, server: &str) {
        let mut state = self.state();
        state.timeouts = 0;
        if std::mem::take(&mut state.is_down) {
            drop(state);
            tracing::info!(server, "Redis is available again");
        }
    }

    /// Notes that the server did not respond in time.
    pub(crate) fn time_out(&self, server: &str, limit: Duration) {
        let mut state = self.state();
        state.timeouts = state.timeouts.saturating_add(1);
        state.tested = Some(Instant::now());
        warn(state, server, &format_args!("no response within {} ms", limit.as_millis()));
    }

    /// Notes an error.
    pub(crate) fn fail(&self, server: &str, error: &redis::RedisError) {
        let mut state = self.state();
        // A refusal costs no time, so that nothing has to be spared it.
        state.timeouts = 0;
        warn(state, server, error);
    }

    /// Notes an error of a connection for messages, which says nothing about operations.
    pub(crate) fn miss(&self, server: &str, error: &redis::RedisError) {
        warn(self.state(), server, error);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warn(mut state: MutexGuard<'_, State>, server: &str, error: &dyn Display) {
    state.is_down = true;
    if state.warned.is_some_and(|warned| warned.elapsed() < WARNING_INTERVAL) {
        return;
    }
    state.warned = Some(Instant::now());
    drop(state);
    tracing::warn!(server, %error, "Redis is unavailable");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn two_timeouts_in_a_row_open_it_for_all_but_one_test_a_second() {
        let health = Health::default();
        health.time_out("server", PAUSE);
        assert!(health.admits());
        health.time_out("server", PAUSE);
        assert!(!health.admits());
        for _ in 0..3 {
            tokio::time::advance(PAUSE).await;
            assert!(health.admits() && !health.admits());
        }
        health.succeed("server");
        assert!(health.admits() && health.admits());
    }
}
