//! The response to a request while its handler runs.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};

use super::body::{EventSource, Events, ResponseBody};
use super::{Answer, add_nonce, in_form, sse, stream};
use crate::budget::Permit;
use crate::server::{Exchange, ServerMessage};
use crate::transport::http::cors::Cors;

/// The response to a request: whole, or a stream as soon as a message precedes it or it takes long.
pub(crate) struct ResponseFuture {
    step: Step,
    keep_alive: Duration,
    /// Absent for most servers.
    extra_headers: Option<Box<ExtraHeaders>>,
}

/// The headers that every response of an endpoint has, whatever it is.
pub(in crate::transport::http) struct ExtraHeaders {
    /// Present on an endpoint that is shared with pages of other origins.
    cors: Option<Cors>,
    /// The nonce for the next proof of the client.
    nonce: Option<HeaderValue>,
}

impl ExtraHeaders {
    /// Returns the headers of a response, unless there are none.
    pub(in crate::transport::http) fn new(cors: Option<Cors>, nonce: Option<HeaderValue>) -> Option<Box<Self>> {
        (cors.is_some() || nonce.is_some()).then(|| Box::new(Self { cors, nonce }))
    }

    fn apply(self, headers: &mut HeaderMap) {
        if let Some(cors) = self.cors {
            cors.apply(headers);
        }
        if let Some(nonce) = self.nonce {
            add_nonce(headers, nonce);
        }
    }
}

enum Step {
    /// The checks of the head, and the body.
    Answer(Pin<Box<dyn Future<Output = Answer> + Send>>),
    /// The handler.
    Exchange { exchange: Exchange<'static, Response<ResponseBody>>, events_first: bool },
    /// The response was returned.
    Over,
}

impl Future for ResponseFuture {
    type Output = Response<ResponseBody>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = ready!(self.poll_response(cx));
        if let Some(extra) = self.extra_headers.take() {
            extra.apply(response.headers_mut());
        }
        Poll::Ready(response)
    }
}

impl ResponseFuture {
    pub(in crate::transport::http) fn new(
        answer: Pin<Box<dyn Future<Output = Answer> + Send>>,
        keep_alive: Duration,
        extra_headers: Option<Box<ExtraHeaders>>,
    ) -> Self {
        Self { step: Step::Answer(answer), keep_alive, extra_headers }
    }

    fn poll_response(&mut self, cx: &mut Context<'_>) -> Poll<Response<ResponseBody>> {
        loop {
            let first = match &mut self.step {
                Step::Over => return Poll::Pending,
                Step::Answer(answer) => match ready!(answer.as_mut().poll(cx)) {
                    Answer::Response(response) => {
                        self.step = Step::Over;
                        return Poll::Ready(response);
                    }
                    Answer::Exchange { exchange, events_first } => {
                        self.step = Step::Exchange { exchange, events_first };
                        continue;
                    }
                },
                Step::Exchange { exchange, events_first } => match ready!(exchange.poll_next(cx)) {
                    ServerMessage::Response(response) => {
                        let response = in_form(response, *events_first);
                        self.step = Step::Over;
                        return Poll::Ready(response);
                    }
                    ServerMessage::Message(first, permit) => Some((first, permit)),
                    ServerMessage::OpenStream => None,
                    // There is no stream yet, and none that could be resumed.
                    ServerMessage::CloseStream => continue,
                },
            };
            if let Step::Exchange { exchange, .. } = std::mem::replace(&mut self.step, Step::Over) {
                let expires_at = exchange.expires_at();
                let source = Box::new(ExchangeEvents { first, exchange });
                return Poll::Ready(stream(Events::new(source, self.keep_alive, expires_at).opening()));
            }
        }
    }
}

/// The events of a request whose handler runs while the client is connected.
struct ExchangeEvents {
    /// The message that made the response a stream.
    first: Option<(Vec<u8>, Option<Box<Permit>>)>,
    exchange: Exchange<'static, Response<ResponseBody>>,
}

impl EventSource for ExchangeEvents {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some((first, permit)) = self.first.take() {
            return Poll::Ready(Some(sse::event(None, first, permit)));
        }
        if self.exchange.is_over() {
            return Poll::Ready(None);
        }
        loop {
            match ready!(self.exchange.poll_next(cx)) {
                ServerMessage::Message(message, permit) => {
                    return Poll::Ready(Some(sse::event(None, message, permit)));
                }
                // The stream is open, and the client could not resume it.
                ServerMessage::CloseStream | ServerMessage::OpenStream => {}
                ServerMessage::Response(response) => {
                    let answer = response.into_body().into_message();
                    return Poll::Ready((!answer.bytes.is_empty()).then(|| answer.into_event(None)));
                }
            }
        }
    }
}
