//! The timer of one connection, by which the head of each of its requests has to be there.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::task::unconstrained;

use crate::latch::Latch;
use crate::lock::locked;

/// The timer that hyper asks for.
///
/// It wants one for the head of each request, and drops it when that is there. Nearly always it was not needed, and
/// arming and disarming one costs 1,500 of 36,000 instructions. So there is one alarm for the whole connection, which stays
/// armed, and is set anew only when it goes off too early for the head that is waited for then.
///
/// When the server stops, hyper would wait for a head of which a part has come as long as ever. It gets [`LAST_HEADS`] then.
pub(in crate::transport::http) struct HeadTimer(Arc<Mutex<Alarm>>);

/// Limits the rest of a head once the server stops: it may be on its way, in another packet.
const LAST_HEADS: Duration = Duration::from_secs(1);

struct Alarm {
    sleep: Pin<Box<tokio::time::Sleep>>,
    /// The waker of the connection.
    waker: Option<Waker>,
    stopping: Arc<Latch>,
}

impl HeadTimer {
    /// `limit` is the longest time that a head may take. Whoever runs the connection polls it when the server is `stopping`.
    pub(in crate::transport::http) fn new(limit: Duration, stopping: Arc<Latch>) -> Self {
        Self(Arc::new(Mutex::new(Alarm { sleep: Box::pin(tokio::time::sleep(limit)), waker: None, stopping })))
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Head { deadline: deadline.into(), is_last: false, alarm: Arc::clone(&self.0) })
    }
}

/// A deadline for the head of a request.
struct Head {
    deadline: tokio::time::Instant,
    /// Set once the server stops, which brings the deadline nearer.
    is_last: bool,
    alarm: Arc<Mutex<Alarm>>,
}

impl Sleep for Head {}

impl Future for Head {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { deadline, is_last, alarm } = self.get_mut();
        let Alarm { sleep, waker, stopping } = &mut *locked(alarm);
        if !*is_last && stopping.is_true() {
            *is_last = true;
            *deadline = (*deadline).min(tokio::time::Instant::now() + LAST_HEADS);
        }
        loop {
            let is_early = sleep.deadline() < *deadline;
            if sleep.is_elapsed() && !is_early {
                return Poll::Ready(());
            }
            if sleep.is_elapsed() || sleep.deadline() > *deadline {
                sleep.as_mut().reset(*deadline);
                *waker = None;
            }
            if waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            // A task that has done much in one go would be put off, without the alarm knowing whom to wake.
            if Pin::new(&mut unconstrained(sleep.as_mut())).poll(cx).is_pending() {
                *waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    /// Waits for a head that never comes.
    async fn times_out(mut head: Pin<Box<dyn Sleep>>) -> bool {
        tokio::time::timeout(3 * LIMIT, poll_fn(|cx| head.as_mut().poll(cx))).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn each_head_has_its_own_limit() {
        let (timer, start) = (HeadTimer::new(LIMIT, Arc::default()), tokio::time::Instant::now());
        // This one comes in time, and the next begins to be waited for before the alarm goes off, or after that.
        for after in [LIMIT / 2, 3 * LIMIT] {
            let mut first = timer.sleep_until((tokio::time::Instant::now() + LIMIT).into());
            assert!(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
            drop(first);
            tokio::time::sleep(after).await;
        }
        let begun = tokio::time::Instant::now();
        assert!(begun - start > 3 * LIMIT);
        assert!(times_out(timer.sleep_until((begun + LIMIT).into())).await);
        assert_eq!(begun.elapsed().as_secs(), LIMIT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_has_begun_gets_a_second_when_the_server_stops() {
        let stopping = Arc::new(Latch::default());
        let timer = HeadTimer::new(LIMIT, Arc::clone(&stopping));
        let mut head = timer.sleep_until((tokio::time::Instant::now() + LIMIT).into());
        assert!(poll_fn(|cx| Poll::Ready(head.as_mut().poll(cx).is_pending())).await);
        stopping.set();
        let stopped = tokio::time::Instant::now();
        assert!(times_out(head).await);
        assert_eq!(stopped.elapsed().as_millis(), LAST_HEADS.as_millis());
    }

    /// A handler that did much leaves nothing of what a task may do in one go.
    #[tokio::test(start_paused = true)]
    async fn a_busy_task_is_woken_too() {
        let timer = HeadTimer::new(LIMIT, Arc::default());
        let mut head = timer.sleep_until((tokio::time::Instant::now() + LIMIT).into());
        let is_pending = poll_fn(|cx| {
            while pin!(tokio::task::consume_budget()).poll(cx).is_ready() {}
            Poll::Ready(head.as_mut().poll(cx).is_pending())
        });
        assert!(is_pending.await);
        assert!(times_out(head).await);
    }
}
