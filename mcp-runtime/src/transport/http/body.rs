//! The body of a response: whole, or a stream of events (WHATWG HTML, "Server-sent events").

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};

use crate::server::{Exchange, Said};

/// What an endpoint answers with.
pub(crate) struct ResponseBody(Kind);

enum Kind {
    /// Sent once.
    Whole(Bytes),
    Events(Events),
}

/// The rest of an exchange, an event for each message.
struct Events {
    first: Option<Vec<u8>>,
    exchange: Option<Exchange<Response<Bytes>>>,
}

impl ResponseBody {
    pub(super) fn events(first: Vec<u8>, exchange: Exchange<Response<Bytes>>) -> Self {
        let first = (!first.is_empty()).then_some(first);
        Self(Kind::Events(Events { first, exchange: Some(exchange) }))
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Kind::Whole(bytes) => std::mem::take(bytes),
            Kind::Events(events) => match std::task::ready!(events.poll_next(cx)) {
                Some(message) => event(&message),
                None => return Poll::Ready(None),
            },
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Events(_) => SizeHint::default(),
        }
    }
}

impl Events {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        loop {
            let Some(exchange) = &mut self.exchange else { return Poll::Ready(None) };
            match std::task::ready!(exchange.poll_next(cx)) {
                Said::Message(message) => return Poll::Ready(Some(message)),
                Said::CloseStream => {}
                Said::Answer(response) => {
                    self.exchange = None;
                    return Poll::Ready(Some(response.into_body().into()));
                }
            }
        }
    }
}

/// One event with one message, which must not have line breaks.
fn event(message: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(message.len() + 8);
    out.extend_from_slice(b"data: ");
    // Within a string, JSON escapes them; raw JSON of a handler can have them elsewhere.
    out.extend(message.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    out.extend_from_slice(b"\n\n");
    out.into()
}
