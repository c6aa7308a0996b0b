//! A flag that is set once.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that is set once, to be read or waited for.
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

    pub(crate) async fn wait(&self) {
        // Before looking, so that no change is missed in between.
        let change = self.change.notified();
        if !self.is_true() {
            change.await;
        }
    }
}
