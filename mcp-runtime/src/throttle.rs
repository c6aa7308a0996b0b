//! A limit on log lines that any client can cause.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::locked;

/// The time between two log lines of one kind.
const INTERVAL: Duration = Duration::from_secs(10);

/// A filter that passes one event in ten seconds and counts the others.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    suppressed: u64,
}

impl Throttle {
    /// Returns the number of events suppressed before this one, if this one passes.
    pub(crate) fn pass(&self) -> Option<u64> {
        let mut state = locked(&self.state);
        if state.last.is_some_and(|last| last.elapsed() < INTERVAL) {
            state.suppressed += 1;
            return None;
        }
        state.last = Some(Instant::now());
        Some(std::mem::take(&mut state.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_passes_and_says_how_many_did_not() {
        let throttle = Throttle::default();
        assert_eq!(throttle.pass(), Some(0));
        for _ in 0..5 {
            assert_eq!(throttle.pass(), None);
        }
        tokio::time::advance(INTERVAL).await;
        assert_eq!(throttle.pass(), Some(5));
        assert_eq!(throttle.pass(), None);
    }
}
