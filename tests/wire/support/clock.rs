//! The time, and time that passes when a test wants it to.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time in seconds, the unit of tokens.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Lets time pass, at once and for everything on the runtime of the test.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// For what waits for nothing: no time passes, however slow the machine is.
pub(crate) async fn at_once<T>(work: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let result = work.await;
    tokio::time::resume();
    result
}
