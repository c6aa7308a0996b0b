//! The checks that the specification requires of each request.
//!
//! They are of `Host`, `Origin`, the token and its scope, the content type, `Accept`, the version of the protocol,
//! `Mcp-Method` and `Mcp-Name`.

use std::borrow::Cow;

use http::header::{ACCEPT, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, StatusCode};

use crate::message::{Meta, Request};
use crate::{Caller, Server};

const VERSION: &str = "2026-07-28";

/// The answer to a refused request. A caller's 401 and 403 have the challenge.
pub enum Refusal {
    Plain(StatusCode),
    Challenge(StatusCode),
}

/// Checks the headers, and returns the caller.
pub fn admit<'a>(server: &'a Server, headers: &HeaderMap) -> Result<&'a Caller, Refusal> {
    if !header(headers, HOST.as_str()).is_some_and(is_local) {
        return Err(Refusal::Plain(StatusCode::MISDIRECTED_REQUEST));
    }
    if headers.contains_key(ORIGIN)
        && !header(headers, ORIGIN.as_str()).is_some_and(|origin| origin.strip_prefix("http://").is_some_and(is_local))
    {
        return Err(Refusal::Plain(StatusCode::FORBIDDEN));
    }
    let caller = server.caller(headers).ok_or(Refusal::Challenge(StatusCode::UNAUTHORIZED))?;
    if !caller.scopes.contains(&"notes:read") {
        return Err(Refusal::Challenge(StatusCode::FORBIDDEN));
    }
    if !header(headers, CONTENT_TYPE.as_str()).is_some_and(|value| is_media_type(value, "application/json")) {
        return Err(Refusal::Plain(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let accepts = |wanted| {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|range| is_media_type(range, wanted))
    };
    if !accepts("application/json") || !accepts("text/event-stream") {
        return Err(Refusal::Plain(StatusCode::NOT_ACCEPTABLE));
    }
    Ok(caller)
}

/// Returns `true` if the headers agree with the body.
pub fn mirrors(headers: &HeaderMap, message: &Request<'_>) -> bool {
    let meta = message.params.meta.and_then(|meta| serde_json::from_str::<Meta<'_>>(meta.get()).ok());
    let name = header(headers, "mcp-name").and_then(decode);
    meta.is_some_and(|meta| meta.version == VERSION && meta.capabilities.get().starts_with('{'))
        && header(headers, "mcp-protocol-version") == Some(VERSION)
        && header(headers, "mcp-method") == Some(&message.method)
        && (message.method != "tools/call" || name.is_some() && name == message.params.name.as_deref().map(Cow::from))
}

/// Returns a header that must not be repeated.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

/// Decodes a name in Base64, which the names of these tools never need.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    (!value.starts_with("=?base64?")).then_some(Cow::Borrowed(value))
}

fn is_media_type(value: &str, wanted: &str) -> bool {
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

fn is_local(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}
