//! The waits of a method for its client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// The waits of a method for its client, during which the clock of its time limit stands still.
#[derive(Default)]
pub(crate) struct Waits {
    count: AtomicUsize,
    change: Notify,
}

impl Waits {
    /// Begins a wait, which lasts as long as the returned value.
    pub(super) fn begin(&self) -> impl Drop + use<'_> {
        self.count.fetch_add(1, Ordering::AcqRel);
        self.change.notify_waiters();
        Wait(self)
    }

    /// Completes when the method has worked for so long.
    pub(crate) async fn run_out(&self, limit: Duration) {
        let mut left = limit;
        loop {
            self.until(false).await;
            let begun = Instant::now();
            tokio::select! {
                biased;
                () = self.until(true) => left = left.saturating_sub(begun.elapsed()),
                () = sleep(left) => return,
            }
        }
    }

    /// Completes when the method waits, or works.
    async fn until(&self, waits: bool) {
        loop {
            // Registered before the check, so that no change between the two is missed.
            let change = self.change.notified();
            if (self.count.load(Ordering::Acquire) > 0) == waits {
                return;
            }
            change.await;
        }
    }
}

/// One wait.
struct Wait<'a>(&'a Waits);

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.change.notify_waiters();
    }
}
