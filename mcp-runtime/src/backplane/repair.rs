//! Work that is done after each gap in the messages of other instances.

use std::sync::{Arc, Weak};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// Work that runs after a request, one run at a time. All requests during a run cause one further run.
///
/// Dropping it ends the run.
#[derive(Debug)]
pub(crate) struct Repair {
    requested: Arc<Notify>,
    task: AbortHandle,
}

impl Repair {
    /// Waits for the first request. The work ends once its subject is gone.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn new<T: Send + Sync + 'static, F: Future<Output = ()> + Send>(
        subject: Weak<T>,
        run: impl Fn(Arc<T>) -> F + Send + Sync + 'static,
    ) -> Self {
        let requested = Arc::new(Notify::new());
        let requests = Arc::clone(&requested);
        let task = tokio::spawn(async move {
            loop {
                requests.notified().await;
                let Some(subject) = subject.upgrade() else { return };
                run(subject).await;
            }
        });
        Self { requested, task: task.abort_handle() }
    }

    /// Requests a run.
    pub(crate) fn request(&self) {
        self.requested.notify_one();
    }
}

impl Drop for Repair {
    fn drop(&mut self) {
        self.task.abort();
    }
}
