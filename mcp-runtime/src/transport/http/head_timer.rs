//! The timer of one connection, by which the head of each of its requests has to be there.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

use crate::lock::locked;

/// hyper asks for a timer for the head of each request, and drops it when that is there. Nearly always it was not needed, and
/// arming and disarming one costs 1,500 of 36,000 instructions. So there is one alarm for the whole connection, which stays
/// armed, and is set anew only when it goes off too early for the head that is waited for then.
pub(super) struct HeadTimer(Arc<Mutex<Alarm>>);

struct Alarm {
    sleep: Pin<Box<tokio::time::Sleep>>,
    /// Whom it wakes.
    waker: Option<Waker>,
}

impl HeadTimer {
    /// `limit` is the longest time that a head may take.
    pub(super) fn new(limit: Duration) -> Self {
        Self(Arc::new(Mutex::new(Alarm { sleep: Box::pin(tokio::time::sleep(limit)), waker: None })))
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Head { deadline: deadline.into(), alarm: Arc::clone(&self.0) })
    }
}

/// Ready when the head should have come.
struct Head {
    deadline: tokio::time::Instant,
    alarm: Arc<Mutex<Alarm>>,
}

impl Sleep for Head {}

impl Future for Head {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Alarm { sleep, waker } = &mut *locked(&self.alarm);
        loop {
            let is_early = sleep.deadline() < self.deadline;
            if sleep.is_elapsed() && !is_early {
                return Poll::Ready(());
            }
            if sleep.is_elapsed() || sleep.deadline() > self.deadline {
                sleep.as_mut().reset(self.deadline);
                *waker = None;
            }
            if waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            if sleep.as_mut().poll(cx).is_pending() {
                *waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
    }
}
