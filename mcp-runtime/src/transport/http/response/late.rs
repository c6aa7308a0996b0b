//! Streams for requests whose handler is silent for long, so that nobody on the way to the client times out.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::server::Outbox;

/// Does `work`, and opens a stream when that takes longer than `silence`. Work that is done in the first poll needs no timer.
///
/// The time begins once everything is decided, because a refusal may need a status of its own. A later decision delays
/// the stream for the same reason.
pub(in crate::transport::http) fn or_stream<'a, T>(
    mut work: Pin<&'a mut impl Future<Output = T>>,
    outbox: &'a Outbox,
    silence: Duration,
) -> impl Future<Output = T> {
    let (mut timer, mut is_open) = (None::<Pin<Box<Sleep>>>, false);
    poll_fn(move |cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if !is_open && !outbox.is_held() {
            // A timer would round up.
            is_open =
                silence.is_zero() || timer.get_or_insert_with(|| Box::pin(sleep(silence))).as_mut().poll(cx).is_ready();
            if is_open {
                timer = None;
                outbox.open_stream();
            }
        }
        Poll::Pending
    })
}
