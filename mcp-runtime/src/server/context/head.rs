//! The head of an HTTP request, with the account of its caller and its trace.

use crate::auth::AccessToken;
#[cfg(feature = "exchange")]
use crate::auth::InboundToken;
use crate::budget::AccountKey;
#[cfg(feature = "http")]
use crate::server::record::span::TRACEPARENT;
use crate::server::record::span::TraceContext;
use crate::server::shared::Shared;

/// The head of an HTTP request.
#[cfg(feature = "http")]
pub(crate) type HttpParts = http::request::Parts;

/// The head of an HTTP request, of which there is none.
#[cfg(not(feature = "http"))]
pub(crate) type HttpParts = std::convert::Infallible;

/// Returns the account of a caller: that of the token, or the one that the transport added to the request.
pub(crate) fn account_of(
    shared: &Shared,
    token: Option<&AccessToken>,
    parts: Option<&HttpParts>,
) -> Option<AccountKey> {
    shared.account(token).or_else(|| account_in(parts?))
}

/// Returns the account that the transport added to the request.
#[cfg(feature = "http")]
pub(crate) fn account_in(parts: &HttpParts) -> Option<AccountKey> {
    parts.extensions.get().copied()
}

#[cfg(not(feature = "http"))]
fn account_in(parts: &HttpParts) -> Option<AccountKey> {
    match *parts {}
}

/// Drops the token that is kept for exchanges, because the request ended.
#[cfg(feature = "exchange")]
pub(crate) fn end_of_request(parts: &HttpParts) {
    if let Some(inbound) = parts.extensions.get::<InboundToken>() {
        inbound.end();
    }
}

/// Returns `true` if there may be a trace in the headers.
#[cfg(feature = "http")]
pub(super) fn has_trace_header(parts: &HttpParts) -> bool {
    parts.headers.contains_key(&TRACEPARENT)
}

#[cfg(not(feature = "http"))]
pub(super) fn has_trace_header(parts: &HttpParts) -> bool {
    match *parts {}
}

/// Returns the trace in the headers, if there is a valid one.
#[cfg(feature = "http")]
pub(super) fn trace_of(parts: &HttpParts) -> Option<TraceContext> {
    TraceContext::of_headers(&parts.headers)
}

#[cfg(not(feature = "http"))]
pub(super) fn trace_of(parts: &HttpParts) -> Option<TraceContext> {
    match *parts {}
}
