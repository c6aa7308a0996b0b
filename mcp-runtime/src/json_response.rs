//! HTTP responses with a JSON body, for the gate and the endpoint.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

/// The seconds in `Retry-After`, if the end of an outage is unknown.
pub(crate) const RETRY_LATER: u64 = 5;

/// Creates a response with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(crate) fn retry_after(mut response: Response<Bytes>, seconds: u64) -> Response<Bytes> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
