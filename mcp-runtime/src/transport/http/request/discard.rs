//! The body of a refused request, which its client sends all the same.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::request::Parts;
use http::{HeaderValue, Response, Version};
use http_body::Frame;
use http_body_util::BodyExt as _;

use super::read::RequestBody;

/// Limits the bytes that are read for a caller without a valid token: the usual length, so that the connection stays open.
pub(in crate::transport::http) const OF_A_STRANGER: usize = 64 * 1024;

/// Limits the bytes that are read for an admitted caller, in largest bodies. Enough for clients that write everything
/// before they read.
const OF_A_CALLER: usize = 16;

/// Limits the time for a refused client, which has its response and whose body is mostly on its way.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the number of bytes that are read for an admitted caller.
pub(in crate::transport::http) fn of_a_caller(max_body_bytes: usize) -> usize {
    max_body_bytes.saturating_mul(OF_A_CALLER).max(OF_A_STRANGER)
}

/// The rest of a body whose request is answered without it.
pub(in crate::transport::http) struct BodyRemainder<B> {
    pub(in crate::transport::http) body: B,
    /// Set unless the client waits for `100 Continue`, which reading would send.
    pub(in crate::transport::http) is_coming: bool,
    /// Limits the bytes that are read.
    pub(in crate::transport::http) limit: usize,
    /// Limits the time that the body may take.
    pub(in crate::transport::http) timeout: Duration,
    pub(in crate::transport::http) version: Version,
}

impl<B: RequestBody> BodyRemainder<B> {
    pub(in crate::transport::http) fn new(body: B, parts: &Parts, limit: usize, timeout: Duration) -> Self {
        let is_coming = body.is_end_stream() || !parts.headers.contains_key(EXPECT);
        Self { body, is_coming, limit, timeout, version: parts.version }
    }

    /// Returns the response to a request whose body is read and dropped.
    pub(in crate::transport::http) fn discard_after<T>(self, mut response: Response<T>) -> Response<T> {
        self.discard(&mut response);
        response
    }

    /// Reads and drops the body, while the client has its `response` already.
    pub(in crate::transport::http) fn discard<T>(self, response: &mut Response<T>) {
        if self.body.is_end_stream() || (self.is_coming && discard(self.body, self.limit, self.timeout)) {
            return;
        }
        // A client that could write all of it would send another request, which nobody reads. HTTP/2 has streams for that.
        if self.version <= Version::HTTP_11 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Reads up to `limit` bytes, for `timeout` or a few seconds. Returns `true` if that is all of the body.
///
/// A body that is dropped closes its connection. A client that still writes then gets an error of the connection in place of
/// its answer; so the rest is not read, but the connection stays for a while, in which the client reads.
fn discard<B: RequestBody>(mut body: B, limit: usize, timeout: Duration) -> bool {
    let mut left = limit;
    // Nearly always it has come together with the head.
    let mut cx = Context::from_waker(Waker::noop());
    while left > 0 && limit - left < OF_A_STRANGER {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => left = left.saturating_sub(length(&frame)),
            Poll::Ready(_) => return true,
            Poll::Pending => break,
        }
    }
    let is_all = body.size_hint().upper().is_some_and(|rest| rest <= left as u64);
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
    is_all
}

fn length(frame: &Frame<Bytes>) -> usize {
    frame.data_ref().map_or(0, Bytes::len)
}
