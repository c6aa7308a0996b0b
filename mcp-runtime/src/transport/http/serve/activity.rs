//! The activity of one connection, by which its timeouts and its place among idle ones are known.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep, Timer};
use tokio::time::Instant;

use crate::lock::locked;

/// The activity of one connection, shared by its task, hyper, its socket and the list of connections.
#[derive(Default)]
pub(super) struct Activity(Mutex<State>);

/// The state of a connection.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The time since which the connection has waited for the head of a request, unless it serves one.
    pub(super) waiting_since: Option<Instant>,
    /// Set while a part of that head has arrived.
    pub(super) has_begun: bool,
    /// The progress of a response for which the server waits, until the client has read enough.
    pub(super) stall: Option<Stall>,
    pub(super) closing: Closing,
    waker: Option<Waker>,
}

impl State {
    /// Returns `true` while the client does not read what is written to it.
    pub(super) fn is_stalled(&self) -> bool {
        self.stall.is_some_and(|stall| stall.since.is_some())
    }
}

/// The progress of a response for which the server waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stall {
    /// The bytes written since the first wait.
    pub(super) written: usize,
    /// The time of all waits that are over.
    pub(super) waited: Duration,
    /// The begin of the wait that is not over.
    pub(super) since: Option<Instant>,
}

/// The time at which a connection has to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closing {
    #[default]
    Never,
    AfterRequest,
    Now,
}

impl Activity {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.0)
    }

    /// Sets the task that [`close`](Self::close) wakes.
    pub(super) fn set_waker(&self, waker: &Waker) {
        self.state().waker = Some(waker.clone());
    }

    /// Asks the connection to end.
    pub(super) fn close(&self, closing: Closing) {
        let waker = {
            let mut state = self.state();
            state.closing = state.closing.max(closing);
            state.waker.clone()
        };
        // A waker may run any code, so it runs without the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A timer for hyper that only notes when hyper waits for the head of a request.
///
/// hyper arms a timer for each head, and drops it when the head is there. Nearly always it was not needed, and arming and
/// disarming one costs 1,500 of 36,000 instructions. The task of the connection has one timer instead, which stays armed.
pub(super) struct HeadTimer(pub(super) Arc<Activity>);

impl HeadTimer {
    /// The timeout that hyper is given, so that a deadline is the beginning of the wait.
    pub(super) const TIMEOUT: Duration = Duration::ZERO;
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn Sleep>> {
        let mut state = self.0.state();
        state.waiting_since = Some(deadline.into());
        state.has_begun = false;
        drop(state);
        Box::pin(HeadWait(Arc::clone(&self.0)))
    }

    fn now(&self) -> StdInstant {
        Instant::now().into_std()
    }
}

/// The wait of hyper for a head, which ends when it is dropped.
struct HeadWait(Arc<Activity>);

impl Sleep for HeadWait {}

impl Future for HeadWait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for HeadWait {
    fn drop(&mut self) {
        self.0.state().waiting_since = None;
    }
}
