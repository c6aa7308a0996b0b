//! The bodies on both sides of a layer.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep_until};

use crate::transport::http::response::expiry::Expiry;

/// The body of a request or a response that passed a [`BearerLayer`](crate::BearerLayer).
///
/// It is the body `B`, unless the layer read it to check the message, or refused the request. A stream of server-sent
/// events ends when the token of its request expires.
#[derive(Debug)]
pub struct BearerBody<B>(Kind<B>);

#[derive(Debug)]
enum Kind<B> {
    /// Sent once.
    Whole(Bytes),
    Inner(B),
    Stream {
        body: B,
        expiry: Expiry,
        timer: Pin<Box<Sleep>>,
    },
}

impl<B> BearerBody<B> {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }

    pub(super) fn inner(body: B) -> Self {
        Self(Kind::Inner(body))
    }

    /// Wraps a stream that ends with its token.
    pub(super) fn stream(body: B, expiry: Expiry) -> Self {
        Self(Kind::Stream { body, expiry, timer: Box::pin(sleep_until(expiry.instant)) })
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for BearerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Inner(body) => Pin::new(body).poll_frame(cx),
            Kind::Stream { body, expiry, timer } => {
                if !expiry.is_over() {
                    let frame = Pin::new(body).poll_frame(cx);
                    // The timer rounds up, so that the token has expired when it fires.
                    if frame.is_ready() || timer.as_mut().poll(cx).is_pending() {
                        return frame;
                    }
                }
                tracing::debug!("a stream ended because its token expired");
                self.0 = Kind::Whole(Bytes::new());
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Inner(body) | Kind::Stream { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Inner(body) => body.size_hint(),
            // The token may expire before the end.
            Kind::Stream { .. } => SizeHint::default(),
        }
    }
}
