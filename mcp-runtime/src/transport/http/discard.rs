//! The body of a refused request, which nobody wants and which its client sends all the same.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use http_body_util::BodyExt as _;

use super::endpoint::RequestBody;

/// How many bytes are read of somebody without a valid token: a message of the usual length, so that the connection can be
/// used again.
pub(super) const OF_A_STRANGER: usize = 64 * 1024;

/// How many times as much as a body may have is read of a caller who was let in: enough for a client that writes all of a
/// body before it reads.
const OF_A_CALLER: usize = 16;

/// How long a client may take that is refused: it has its answer already, and most of what it still sends is on its way.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Returns how many bytes are read of a caller who was let in, where a body may have `max_body_bytes`.
pub(super) fn of_a_caller(max_body_bytes: usize) -> usize {
    max_body_bytes.saturating_mul(OF_A_CALLER).max(OF_A_STRANGER)
}

/// Lets a body arrive and forgets it, while the client has its answer already: up to `limit` bytes, and for `timeout` or a
/// few seconds.
///
/// A body that is dropped closes its connection. A client that still writes then gets an error of the connection in place of
/// its answer; so the rest is not read, but the connection stays for a while, in which the client reads.
pub(super) fn discard<B: RequestBody>(mut body: B, limit: usize, timeout: Duration) {
    let mut left = limit;
    // Nearly always it has come together with the head.
    let mut cx = Context::from_waker(Waker::noop());
    while left > 0 && limit - left < OF_A_STRANGER {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => left = left.saturating_sub(length(&frame)),
            Poll::Ready(_) => return,
            Poll::Pending => break,
        }
    }
    let rest = async move {
        while left > 0 {
            match body.frame().await {
                Some(Ok(frame)) => left = left.saturating_sub(length(&frame)),
                _ => return,
            }
        }
        std::future::pending().await
    };
    tokio::spawn(tokio::time::timeout(timeout.min(TIMEOUT), rest));
}

fn length(frame: &Frame<Bytes>) -> usize {
    frame.data_ref().map_or(0, Bytes::len)
}
