//! The body of a response: whole, or a stream of events.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::expiry::{A_YEAR, Expiry};
use super::sse;
use crate::budget::{Permit, charged};

/// The body of a response of the endpoint.
pub(crate) struct ResponseBody(Kind);

enum Kind {
    /// Sent once.
    Whole(WholeMessage),
    Events(Box<Events>),
}

/// A message with the permit for its bytes, if it is long.
#[derive(Default)]
pub(in crate::transport::http) struct WholeMessage {
    pub(in crate::transport::http) bytes: Bytes,
    permit: Option<Box<Permit>>,
}

impl WholeMessage {
    /// Makes an event of the message, perhaps with an id. The event holds the permit.
    pub(in crate::transport::http) fn into_event(self, id: Option<&str>) -> Bytes {
        sse::event(id, self.bytes.into(), self.permit)
    }

    /// Returns the bytes, which hold the permit.
    fn into_bytes(self) -> Bytes {
        charged(self.bytes, self.permit.map(|permit| *permit))
    }
}

impl ResponseBody {
    /// Creates a body that holds the permit for its bytes until they are sent.
    pub(in crate::transport::http) fn charged(bytes: Bytes, permit: Permit) -> Self {
        Self(Kind::Whole(WholeMessage { bytes, permit: Some(Box::new(permit)) }))
    }

    /// The message, if it is whole.
    pub(in crate::transport::http) fn into_message(self) -> WholeMessage {
        match self.0 {
            Kind::Whole(message) => message,
            Kind::Events(_) => WholeMessage::default(),
        }
    }

    /// A whole message as the only one of a stream.
    pub(in crate::transport::http) fn into_events(self) -> Self {
        match self.0 {
            Kind::Whole(message) if !message.bytes.is_empty() => Self::from(message.into_event(None)),
            other => Self(other),
        }
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(WholeMessage { bytes, permit: None }))
    }
}

impl From<Events> for ResponseBody {
    fn from(events: Events) -> Self {
        Self(Kind::Events(Box::new(events)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.0 {
            Kind::Whole(message) if message.bytes.is_empty() => None,
            Kind::Whole(message) => Some(std::mem::take(message).into_bytes()),
            Kind::Events(events) => ready!(events.poll_next(cx)),
        };
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Whole(message) if message.bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(message) => SizeHint::with_exact(message.bytes.len() as u64),
            Kind::Events(_) => SizeHint::default(),
        }
    }
}

/// A stream of server-sent events.
///
/// It sends nothing after the token of its request has expired, and a comment after each silence.
pub(in crate::transport::http) struct Events {
    source: Option<Box<dyn EventSource>>,
    keep_alive: Duration,
    /// Set if a comment opens the stream while no event is ready.
    opens_with_comment: bool,
    /// The time of the last event or comment.
    sent: Instant,
    expiry: Option<Expiry>,
    /// Completes when a comment is due, or the token expires.
    timer: Pin<Box<Sleep>>,
}

/// A producer of the events of one stream.
pub(in crate::transport::http) trait EventSource: Send {
    /// Polls for the next event, or for `None` at the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// Returns the last event of a stream whose token has expired, if the client expects one.
    fn end(&mut self) -> Option<Bytes> {
        None
    }
}

impl Events {
    /// Sends the events of `source`, and a comment after each `keep_alive` of silence, until the token expires.
    pub(in crate::transport::http) fn new(
        source: Box<dyn EventSource>,
        keep_alive: Duration,
        expires_at: Option<SystemTime>,
    ) -> Self {
        let now = Instant::now();
        let expiry = expires_at.map(Expiry::at);
        // Clamped: zero would spin, and `Instant` overflows.
        let keep_alive = keep_alive.clamp(Duration::from_millis(1), A_YEAR);
        let timer = Box::pin(sleep_until(now));
        let mut this = Self { source: Some(source), keep_alive, opens_with_comment: false, sent: now, expiry, timer };
        this.set_timer();
        this
    }

    /// Sends a comment at once where there is no event yet: some clients and proxies wait for a first byte.
    pub(in crate::transport::http) fn opening(self) -> Self {
        Self { opens_with_comment: true, ..self }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(source) = &mut self.source else { return Poll::Ready(None) };
        if self.expiry.is_some_and(Expiry::is_over) {
            tracing::debug!("a stream ended because its token expired");
            let last = source.end();
            self.source = None;
            return Poll::Ready(last);
        }
        let event = source.poll_next(cx);
        let comments = std::mem::take(&mut self.opens_with_comment);
        if let Poll::Ready(event) = event {
            match event {
                Some(_) => self.sent = Instant::now(),
                None => self.source = None,
            }
            return Poll::Ready(event);
        }
        if comments {
            self.sent = Instant::now();
            return Poll::Ready(Some(sse::KEEP_ALIVE));
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if self.sent + self.keep_alive <= Instant::now() {
                self.sent = Instant::now();
                self.set_timer();
                return Poll::Ready(Some(sse::KEEP_ALIVE));
            }
            if self.expiry.is_some_and(|expiry| expiry.instant <= Instant::now()) {
                return self.poll_next(cx);
            }
            self.set_timer();
        }
        Poll::Pending
    }

    fn set_timer(&mut self) {
        let quiet = self.sent + self.keep_alive;
        let next = self.expiry.map_or(quiet, |expiry| expiry.instant.min(quiet));
        self.timer.as_mut().reset(next);
    }
}
