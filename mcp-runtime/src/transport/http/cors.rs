//! Pages of other origins: the headers that let a browser call the endpoint for them (Fetch, "HTTP-CORS protocol").

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use mcp_core::is_token_char;

use super::response::empty;
use crate::server::{Catalog, PARAMETER_PREFIX};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");

/// By name, because `*` does not cover `Authorization`.
const REQUEST_HEADERS: &str = "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, \
    mcp-session-id, last-event-id, dpop, traceparent, tracestate, baggage";

/// Without these, a page can't find out where to get a token, nor which session it has.
const RESPONSE_HEADERS: HeaderValue =
    HeaderValue::from_static("www-authenticate, mcp-session-id, dpop-nonce, retry-after");

/// The time that a browser may keep a preflight, in seconds: Chromium keeps none longer.
pub(super) const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The number of `mcp-param-…` of one preflight that are answered: far more than a tool has.
const MAX_ASKED: usize = 64;

/// The words to a browser about one request, on an endpoint that is shared with other origins.
pub(super) struct Cors {
    /// The origin of the page, if it is one of those.
    pub(super) origin: Option<HeaderValue>,
}

impl Cors {
    /// Returns `true` if a browser asks, in advance, whether the page may send a request. It has no token then.
    pub(super) fn is_preflight(&self, parts: &Parts) -> bool {
        self.origin.is_some()
            && parts.method == Method::OPTIONS
            && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Marks a response, whatever it says, as one that the page may read.
    pub(super) fn apply(self, headers: &mut HeaderMap) {
        // It is another one for another origin.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        }
    }
}

/// Answers a preflight. Credentials of the browser's own are never asked for: a token is all that counts.
pub(super) fn allow(catalog: &Catalog, headers: &HeaderMap) -> Response<Bytes> {
    let told = &catalog.parameter_headers;
    let mut allowed = format!("{REQUEST_HEADERS}{}", told.text());
    for name in asked_parameters(headers).iter().filter(|name| !told.contain(name)) {
        allowed.push_str(", ");
        allowed.push_str(name);
    }
    let mut response = empty(StatusCode::NO_CONTENT);
    let out = response.headers_mut();
    out.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        out.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    out.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// Returns the headers `mcp-param-…` that a preflight asks for, in lower case, each once and in their order.
///
/// Each is allowed, whether or not there is a tool that takes it, because nobody may learn from here which of them a hidden
/// tool takes.
fn asked_parameters(headers: &HeaderMap) -> Vec<String> {
    let texts = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|value| value.to_str().ok());
    let mut asked = Vec::new();
    let parameters = texts.flat_map(|text| text.split(',')).filter_map(parameter);
    for name in parameters.take(MAX_ASKED) {
        if !asked.contains(&name) {
            asked.push(name);
        }
    }
    asked
}

/// Reads the name of a header that repeats an argument (RFC 9110 §5.6.2).
fn parameter(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let is_one =
        name.strip_prefix(PARAMETER_PREFIX).is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_token_char));
    is_one.then_some(name)
}
