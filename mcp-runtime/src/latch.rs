//! A flag that is set once, for several tasks.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that is set once, and can be read and awaited.
#[derive(Default)]
pub(crate) struct Latch {
    is_true: AtomicBool,
    change: Notify,
}

impl Latch {
    pub(crate) fn set(&self) {
        self.is_true.store(true, Ordering::Release);
        self.change.notify_waiters();
    }

    pub(crate) fn is_true(&self) -> bool {
        self.is_true.load(Ordering::Acquire)
    }

    /// Completes when the flag is set.
    pub(crate) async fn wait(&self) {
        // Registered before the check, so that no change between the two is missed.
        let change = self.change.notified();
        if !self.is_true() {
            change.await;
        }
    }
}
