//! Whether something is over, for those who look now and then and for those who wait.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Ended {
    is_true: AtomicBool,
    change: Notify,
}

impl Ended {
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
