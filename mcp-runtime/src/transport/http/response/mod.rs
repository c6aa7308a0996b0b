//! The responses of the endpoint.

pub(in crate::transport::http) mod body;
pub(in crate::transport::http) mod expiry;
pub(in crate::transport::http) mod future;
pub(in crate::transport::http) mod late;
pub(in crate::transport::http) mod metadata;
pub(in crate::transport::http) mod page;
pub(in crate::transport::http) mod sse;

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use self::body::{EventSource, Events, ResponseBody};
use crate::auth::audit::RequestOutcome;
use crate::json_response::{RETRY_LATER, json_response, retry_after};
use crate::protocol::error::{
    Error, HEADER_MISMATCH, HttpRefusal, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND,
    MISSING_CAPABILITY, PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION,
};
use crate::protocol::message::RequestId;
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Exchange, Listening, Recording};
use crate::transport::http::request::headers::declared_version;
use crate::transport::http::room::LastingPermits;

/// A response that comes instead of what was asked for.
pub(in crate::transport::http) type Rejection = Box<Response<Bytes>>;

/// The answer to a request.
pub(in crate::transport::http) enum Answer {
    /// A response that is there as a whole, or a stream of a session.
    Response(Response<ResponseBody>),
    /// An exchange, whose response is a stream if a message precedes it.
    Exchange {
        exchange: Exchange<'static, Response<ResponseBody>>,
        /// Set if the client prefers a stream.
        events_first: bool,
    },
}

/// Older versions know an HTTP status for broken messages only; the rest is between client and server.
pub(in crate::transport::http) fn status(error: &Error, version: ProtocolVersion) -> StatusCode {
    if !version.is_modern() {
        return StatusCode::OK;
    }
    match error.code() {
        Some(
            PARSE_ERROR
            | INVALID_REQUEST
            | INVALID_PARAMS
            | HEADER_MISMATCH
            | MISSING_CAPABILITY
            | UNSUPPORTED_PROTOCOL_VERSION,
        ) => StatusCode::BAD_REQUEST,
        Some(METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        Some(INTERNAL_ERROR) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    }
}

/// The response to a body of another media type.
pub(in crate::transport::http) fn not_json() -> Response<Bytes> {
    reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json")
}

/// RFC 9110 §15.5.16.
pub(in crate::transport::http) fn unsupported_encoding() -> Response<Bytes> {
    let mut response = reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must not have a Content-Encoding");
    response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}

/// A message that has no answer.
pub(in crate::transport::http) fn accept(headers: &HeaderMap) -> Response<Bytes> {
    match declared_version(headers) {
        Ok(_) => empty(StatusCode::ACCEPTED),
        Err(error) => failure(StatusCode::BAD_REQUEST, None, &error),
    }
}

/// A request that did not get as far as JSON-RPC.
pub(in crate::transport::http) fn reject(status: StatusCode, message: &'static str) -> Response<Bytes> {
    failure(status, None, &Error::invalid_request(message))
}

pub(in crate::transport::http) fn failure(
    status: StatusCode,
    id: Option<RequestId<'_>>,
    error: &Error,
) -> Response<Bytes> {
    json_response(status, response::failure(id, error))
}

/// Adds a challenge to a response, which no cache may store.
pub(in crate::transport::http) fn challenged(mut response: Response<Bytes>, challenge: HeaderValue) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(WWW_AUTHENTICATE, challenge);
    response
}

/// Adds the nonce for the next proof of a client (RFC 9449 §8.2), which no cache may repeat.
pub(in crate::transport::http) fn add_nonce(headers: &mut HeaderMap, nonce: HeaderValue) {
    headers.insert("dpop-nonce", nonce);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

pub(in crate::transport::http) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Returns the response to a client for which there is no room at the moment.
pub(in crate::transport::http) fn overloaded(id: Option<RequestId<'_>>, error: &Error) -> Response<Bytes> {
    retry_after(failure(StatusCode::SERVICE_UNAVAILABLE, id, error), RETRY_LATER)
}

/// Returns the response to an answer that was not taken, or perhaps was.
pub(in crate::transport::http) fn refused_answer(error: &Error) -> Response<Bytes> {
    match error.http_refusal() {
        Some(HttpRefusal::Unavailable) => overloaded(None, error),
        _ => failure(StatusCode::BAD_REQUEST, None, error),
    }
}

/// Whichever session it belongs to: a client that gets this waits for no event any more.
pub(in crate::transport::http) fn no_such_event() -> Response<Bytes> {
    reject(StatusCode::BAD_REQUEST, "There is no event with this Last-Event-ID in the session")
}

/// Whoever it belongs to, and whatever became of it: a client that gets this begins a new one.
pub(in crate::transport::http) fn no_such_session() -> Response<Bytes> {
    reject(StatusCode::NOT_FOUND, "There is no such session; begin one with `initialize`")
}

pub(in crate::transport::http) fn method_not_allowed(allowed: &'static str, message: &'static str) -> Response<Bytes> {
    let mut response = reject(StatusCode::METHOD_NOT_ALLOWED, message);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The answer to a request that its client has cancelled: none.
pub(in crate::transport::http) fn silence() -> Response<Bytes> {
    let mut response = empty(StatusCode::OK);
    describe_stream(response.headers_mut());
    response
}

pub(in crate::transport::http) fn stream(events: Events) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(events));
    describe_stream(response.headers_mut());
    response
}

/// Returns a response in the form that its client prefers. Only a successful one can be a stream.
pub(in crate::transport::http) fn in_form(
    mut response: Response<ResponseBody>,
    events_first: bool,
) -> Response<ResponseBody> {
    if !events_first || response.status() != StatusCode::OK {
        return response;
    }
    describe_stream(response.headers_mut());
    response.map(ResponseBody::into_events)
}

fn describe_stream(headers: &mut HeaderMap) {
    // No more than these: the connection keeps the map while the stream is open.
    headers.reserve(3);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies would hold events back until there are enough of them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
}

/// The events of a client that listens for changes until the server closes.
pub(in crate::transport::http) struct ListeningEvents {
    pub(in crate::transport::http) listening: Option<Listening>,
    pub(in crate::transport::http) recording: Recording<'static>,
    pub(in crate::transport::http) _permits: Box<LastingPermits>,
}

impl EventSource for ListeningEvents {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(open) = &mut self.listening else { return Poll::Ready(None) };
        match ready!(open.poll_next(cx)) {
            Some(message) => Poll::Ready(Some(sse::event(None, message, None))),
            None => Poll::Ready(self.end()),
        }
    }

    fn end(&mut self) -> Option<Bytes> {
        self.recording.set_outcome(RequestOutcome::Ok);
        Some(sse::event(None, self.listening.take()?.answer(), None))
    }
}
