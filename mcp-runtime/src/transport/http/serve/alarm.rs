//! The timer of one connection, which stays armed.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::transport::http::response::expiry::A_YEAR;

/// A timer for deadlines of which nearly none is reached.
///
/// It goes off at the earliest deadline of some time ago, and only then is armed again, for the deadline of that moment.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    /// Set once the task of the connection is the one that is woken.
    is_armed: bool,
}

impl Alarm {
    pub(super) fn new() -> Self {
        // Later than every deadline, so that the first one arms it.
        Self { sleep: Box::pin(sleep_until(Instant::now() + A_YEAR + A_YEAR)), is_armed: false }
    }

    /// Completes at `deadline`. Every poll is by the same task.
    pub(super) fn poll_until(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let is_early = self.sleep.deadline() < deadline;
            if self.sleep.is_elapsed() && !is_early {
                return Poll::Ready(());
            }
            if self.sleep.is_elapsed() || self.sleep.deadline() > deadline {
                self.sleep.as_mut().reset(deadline);
                self.is_armed = false;
            }
            if self.is_armed {
                return Poll::Pending;
            }
            // A task that has used up its budget would be put off, and the timer not know whom to wake.
            if Pin::new(&mut unconstrained(self.sleep.as_mut())).poll(cx).is_pending() {
                self.is_armed = true;
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn each_deadline_is_kept_whichever_came_before() {
        let (mut alarm, start) = (Alarm::new(), Instant::now());
        // The first two are given up, and one of those that follow is earlier.
        for seconds in [10, 20, 15] {
            let deadline = start + seconds * SECOND;
            assert!(poll_fn(|cx| Poll::Ready(alarm.poll_until(deadline, cx).is_pending())).await);
        }
        poll_fn(|cx| alarm.poll_until(start + 12 * SECOND, cx)).await;
        assert_eq!(start.elapsed(), 12 * SECOND);
        poll_fn(|cx| alarm.poll_until(start + 30 * SECOND, cx)).await;
        assert_eq!(start.elapsed(), 30 * SECOND);
    }

    /// A handler that did much leaves nothing of the budget of its task.
    #[tokio::test(start_paused = true)]
    async fn a_busy_task_is_woken_too() {
        let (mut alarm, deadline) = (Alarm::new(), Instant::now() + SECOND);
        let is_pending = poll_fn(|cx| {
            while pin!(tokio::task::consume_budget()).poll(cx).is_ready() {}
            Poll::Ready(alarm.poll_until(deadline, cx).is_pending())
        });
        assert!(is_pending.await);
        poll_fn(|cx| alarm.poll_until(deadline, cx)).await;
    }
}
