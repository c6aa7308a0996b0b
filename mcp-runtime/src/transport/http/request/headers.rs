//! The headers of a request, and those that repeat its body (MCP 2026-07-28, Streamable HTTP, "Request Metadata").

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use serde_json::value::RawValue;

use crate::json::number::whole;
use crate::json::truncate::truncated;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::version::ProtocolVersion;

static MCP_PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(in crate::transport::http) static MCP_SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(in crate::transport::http) static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
static MCP_METHOD: HeaderName = HeaderName::from_static("mcp-method");
static MCP_NAME: HeaderName = HeaderName::from_static("mcp-name");

/// Returns `true` if the body is said to be JSON.
pub(in crate::transport::http) fn has_json_body(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return false };
    // As nearly every client writes it.
    value == "application/json"
        || value.to_str().is_ok_and(|value| media_type(value).eq_ignore_ascii_case("application/json"))
}

/// Returns `true` if the body is written in an encoding, which has to be undone first.
pub(in crate::transport::http) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_ENCODING)
        && headers.get_all(CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The forms of a response that the client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport::http) struct ResponseForms {
    pub(in crate::transport::http) json: bool,
    pub(in crate::transport::http) events: bool,
    /// Set if a stream is listed first. The order has no meaning in HTTP, but streams are the usual form to such a client.
    pub(in crate::transport::http) events_first: bool,
}

impl ResponseForms {
    /// The value that nearly every client sends. Parsing it costs more than all other headers together.
    const USUAL: &[u8] = b"application/json, text/event-stream";

    /// Reads the forms from `Accept`. Without the header, both are accepted.
    pub(in crate::transport::http) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(ACCEPT).iter();
        let first = values.next();
        if first.is_none_or(|first| first == Self::USUAL && values.next().is_none()) {
            return Self { json: true, events: true, events_first: false };
        }
        let mut this = Self { json: false, events: false, events_first: false };
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for (index, range) in values.flat_map(|value| value.split(',')).enumerate() {
            let named = media_type(range);
            let is = |wanted: &str| named.eq_ignore_ascii_case(wanted);
            this.events_first |= index == 0 && is("text/event-stream");
            if !is_refused(range) {
                this.json |= is("application/json") || is("application/*") || is("*/*");
                this.events |= is("text/event-stream") || is("text/*") || is("*/*");
            }
        }
        this
    }
}

/// Returns `true` if `Accept` lists pages, as browsers do.
pub(in crate::transport::http) fn accepts_pages(headers: &HeaderMap) -> bool {
    let ranges =
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    ranges.filter(|range| !is_refused(range)).any(|range| media_type(range).eq_ignore_ascii_case("text/html"))
}

/// Returns `true` if a range has the quality 0.
fn is_refused(range: &str) -> bool {
    range.split(';').skip(1).any(|parameter| {
        let parameter = parameter.trim().to_ascii_lowercase();
        parameter.strip_prefix("q=").is_some_and(|q| q.parse().is_ok_and(|q: f32| q == 0.0))
    })
}

pub(in crate::transport::http) fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Returns the version of a request, once header and body agree about it.
///
/// A modern request has its version in both. Older clients settled on one in the handshake and, since 2025-06-18, repeat it
/// in the header. `session` is the version of the session, if there is one.
pub(in crate::transport::http) fn negotiate(
    headers: &HeaderMap,
    request: &Request<'_>,
    session: Option<ProtocolVersion>,
) -> Result<ProtocolVersion, Error> {
    let (in_header, in_body) = (single(headers, &MCP_PROTOCOL_VERSION)?, request.params.declared_version());
    let version = match (in_header, in_body) {
        (Some(header), Some(body)) if header != body => {
            return Err(mismatch("MCP-Protocol-Version", header, body));
        }
        (Some(name), _) => parse_version(name)?,
        (None, in_body) if in_body.is_some() || request.method == "server/discover" => {
            return Err(missing("MCP-Protocol-Version"));
        }
        (None, _) => session.unwrap_or(ProtocolVersion::UNDECLARED),
    };
    if version.is_modern() {
        request.params.require_meta()?;
        if let Some(absent) = mirror(headers, request)? {
            return Err(missing(absent));
        }
    }
    Ok(version)
}

/// Returns the version in the header, if there is one.
pub(in crate::transport::http) fn declared_version(headers: &HeaderMap) -> Result<Option<ProtocolVersion>, Error> {
    single(headers, &MCP_PROTOCOL_VERSION)?.map(parse_version).transpose()
}

fn parse_version(name: &str) -> Result<ProtocolVersion, Error> {
    ProtocolVersion::parse(name).ok_or_else(|| Error::unsupported_version(name))
}

/// Compares the headers that repeat the body, so that intermediaries see the request that is executed.
///
/// Returns the name of one that is absent. Only a modern request must have all.
pub(in crate::transport::http) fn mirror(
    headers: &HeaderMap,
    request: &Request<'_>,
) -> Result<Option<&'static str>, Error> {
    let method = single(headers, &MCP_METHOD)?;
    if let Some(method) = method
        && method != request.method
    {
        return Err(mismatch("Mcp-Method", method, &request.method));
    }
    let absent = method.is_none().then_some("Mcp-Method");
    let params = &request.params;
    let named = match &*request.method {
        "tools/call" | "prompts/get" => params.name()?,
        "resources/read" => params.uri()?,
        "tasks/get" | "tasks/update" | "tasks/cancel" => params.task_id()?,
        _ => None,
    };
    let Some(body) = &named else { return Ok(absent) };
    let Some(header) = single(headers, &MCP_NAME)? else { return Ok(absent.or(Some("Mcp-Name"))) };
    let header = decoded("Mcp-Name", header)?;
    if header != **body {
        return Err(mismatch("Mcp-Name", &header, body));
    }
    Ok(absent)
}

/// Compares the headers that repeat arguments of a tool ("Custom Headers from Tool Parameters").
pub(in crate::transport::http) fn mirror_arguments<'a>(
    headers: &HeaderMap,
    arguments: impl Iterator<Item = (&'static str, Option<&'a RawValue>)>,
) -> Result<(), Error> {
    for (name, argument) in arguments {
        let name = format!("Mcp-Param-{name}");
        match (single(headers, &*name)?, argument) {
            (None, None) => {}
            (None, Some(_)) => return Err(missing(&name)),
            (Some(_), None) => {
                return Err(Error::header_mismatch(format_args!(
                    "{name} header repeats an argument that is not given"
                )));
            }
            (Some(header), Some(argument)) => {
                let (header, argument) = (decoded(&name, header)?, argument.get());
                let text = serde_json::from_str::<Cow<'_, str>>(argument).ok();
                if !text.as_ref().map_or_else(|| is_same(&header, argument), |text| header == *text) {
                    return Err(mismatch(&name, &header, text.as_deref().unwrap_or(argument)));
                }
            }
        }
    }
    Ok(())
}

/// Returns `true` if a header equals an argument that is no text. Integers are compared digit by digit: `42.0` is 42.
fn is_same(header: &str, argument: &str) -> bool {
    match (whole(header), whole(argument)) {
        (Some(header), Some(argument)) => header == argument,
        _ => header == argument,
    }
}

/// Returns the value of a header that may be present once.
pub(in crate::transport::http) fn single<K>(headers: &HeaderMap, name: K) -> Result<Option<&str>, Error>
where
    K: AsHeaderName + Copy + std::fmt::Display,
{
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Error::header_mismatch(format_args!("{name} header is given more than once")));
    }
    match value.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Error::header_mismatch(format_args!("{name} header has invalid characters"))),
    }
}

/// Decodes a value, which is in Base64 between markers if it has other characters ("Value Encoding").
fn decode(value: &str) -> Option<Cow<'_, str>> {
    match value.strip_prefix("=?base64?").and_then(|value| value.strip_suffix("?=")) {
        None => Some(Cow::Borrowed(value)),
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned),
    }
}

/// Decodes the value of the header `name`, or returns its error.
fn decoded<'a>(name: &str, value: &'a str) -> Result<Cow<'a, str>, Error> {
    decode(value)
        .ok_or_else(|| Error::header_mismatch(format_args!("{name} header value is not valid Base64 of UTF-8 text")))
}

fn missing(header: &str) -> Error {
    Error::header_mismatch(format_args!("{header} header is missing"))
}

fn mismatch(name: &str, header: &str, body: &str) -> Error {
    Error::header_mismatch(format_args!(
        "{name} header value '{}' does not match body value '{}'",
        truncated(header),
        truncated(body)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, http::HeaderValue::from_static(value));
        }
        let accepted = ResponseForms::of(&headers);
        accepted.json && accepted.events
    }

    #[test]
    fn both_forms_must_be_accepted() {
        for values in [
            &[][..],
            &["*/*"],
            &["application/json, text/event-stream"],
            &["application/json", "text/event-stream"],
            &["Application/JSON;q=0.9,TEXT/*"],
        ] {
            assert!(accept(values), "{values:?}");
        }
        for values in [
            &["application/json"][..],
            &["text/event-stream"],
            &["text/html"],
            &[""],
            &["application/json, text/event-stream;q=0"],
        ] {
            assert!(!accept(values), "{values:?}");
        }
    }

    #[test]
    fn an_integer_is_the_same_digit_by_digit() {
        for (header, argument) in [("42", "42.0"), ("42.0", "42"), ("4.2e1", "42"), ("-0", "0"), ("true", "true")] {
            assert!(is_same(header, argument), "{header} {argument}");
        }
        for (header, argument) in [
            ("9007199254740992", "9007199254740993.0"),
            ("9007199254740993.0", "9007199254740992"),
            ("9007199254740992", "9007199254740993"),
            ("1", "true"),
            ("inf", "1e999"),
            ("NaN", "nan"),
        ] {
            assert!(!is_same(header, argument), "{header} {argument}");
        }
    }

    #[test]
    fn a_name_is_decoded_between_the_markers_only() {
        assert_eq!(decode("us-west1").as_deref(), Some("us-west1"));
        assert_eq!(decode("=?base64?SGVsbG8sIOS4lueVjA==?=").as_deref(), Some("Hello, 世界"));
        assert_eq!(decode("=?BASE64?SGk=?=").as_deref(), Some("=?BASE64?SGk=?="));
        assert_eq!(decode("=?base64?!?="), None);
        assert_eq!(decode("=?base64?/w==?="), None);
    }
}
