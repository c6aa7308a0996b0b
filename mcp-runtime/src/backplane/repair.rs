//! Work that is done after each gap in the messages of other instances.

use std::sync::Arc;

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
    /// Waits for the first request.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn new<F: Future<Output = ()> + Send>(run: impl Fn() -> F + Send + Sync + 'static) -> Self {
        let requested = Arc::new(Notify::new());
        let requests = Arc::clone(&requested);
        let task = tokio::spawn(async move {
            loop {
                requests.notified().await;
                run().await;
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
