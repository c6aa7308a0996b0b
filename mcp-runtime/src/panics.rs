//! Panics of user code, which fail one request and never the server.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind};
use std::pin::pin;

/// Runs a future. A panic of it is an error.
pub(crate) async fn catch<F: Future + UnwindSafe>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}
