//! The span of a request, named by OpenTelemetry's conventions for MCP, and its trace (W3C Trace Context).

use std::fmt;

#[cfg(feature = "opentelemetry")]
use opentelemetry::trace::Status;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::{Span, field};
#[cfg(feature = "opentelemetry")]
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::json::truncate::truncated;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::version::ProtocolVersion;

/// The maximum length of `baggage` (W3C Baggage §3.3.2) and `tracestate`, in bytes.
const MAX_LENGTH: usize = 8192;

#[cfg(feature = "http")]
pub(in crate::server) static TRACEPARENT: http::HeaderName = http::HeaderName::from_static("traceparent");

/// The trace of a request, from its `_meta` or the headers of HTTP (W3C Trace Context).
///
/// Headers count only without a trace in `_meta`, because a proxy may write its own. Malformed values count as absent.
///
/// The span of the request has the ids as `trace_id` and `parent_span_id`. With the feature `opentelemetry`, the exported
/// span is a child of the client's. Propagate the other values to the services that the handler calls.
#[derive(Clone, PartialEq, Eq)]
pub struct TraceContext {
    traceparent: String,
    tracestate: Option<String>,
    baggage: Option<String>,
    is_of_headers: bool,
}

impl TraceContext {
    /// Reads the trace from the `_meta` in the message of a request, if there is a valid one.
    pub(crate) fn of_message(message: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Meta {
            traceparent: Option<Box<RawValue>>,
            tracestate: Option<Box<RawValue>>,
            baggage: Option<Box<RawValue>>,
        }
        let meta: Meta = Request::meta(message).ok()?;
        let text = |key: &str| {
            let value = match key {
                "traceparent" => &meta.traceparent,
                "tracestate" => &meta.tracestate,
                _ => &meta.baggage,
            };
            serde_json::from_str(value.as_ref()?.get()).ok()
        };
        Self::read(text, false)
    }

    /// Reads the trace from the headers of an HTTP request, if there is a valid one.
    #[cfg(feature = "http")]
    pub(crate) fn of_headers(headers: &http::HeaderMap) -> Option<Self> {
        // Several lines are one list, in which a second `traceparent` is malformed.
        let list = |key: &str| {
            let lines: Result<Vec<_>, _> = headers.get_all(key).iter().map(http::HeaderValue::to_str).collect();
            Some(lines.ok()?.join(","))
        };
        Self::read(list, true)
    }

    fn read(text: impl Fn(&str) -> Option<String>, is_of_headers: bool) -> Option<Self> {
        let valid = |key: &str, is_valid: fn(&str) -> bool| text(key).filter(|value| is_valid(value));
        Some(Self {
            traceparent: valid("traceparent", is_traceparent)?,
            tracestate: valid("tracestate", is_tracestate),
            baggage: valid("baggage", is_baggage),
            is_of_headers,
        })
    }

    /// Returns `true` if the trace is in the headers of HTTP, and not in `_meta`.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn is_of_headers(&self) -> bool {
        self.is_of_headers
    }

    /// Reads the trace of a request, if there is a valid one.
    pub(crate) fn of_request(request: &Request<'_>) -> Option<Self> {
        if request.params.is_traced() { Self::of_message(&request.message) } else { None }
    }

    /// Returns the whole `traceparent`: version, trace, parent and flags.
    #[must_use]
    pub fn traceparent(&self) -> &str {
        &self.traceparent
    }

    /// Returns the id of the trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.traceparent[3..35]
    }

    /// Returns the id of the client's span: 16 hexadecimal digits.
    #[must_use]
    pub fn parent_id(&self) -> &str {
        &self.traceparent[36..52]
    }

    /// Returns `true` if the client records the trace.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        u8::from_str_radix(&self.traceparent[53..55], 16).is_ok_and(|flags| flags & 1 == 1)
    }

    /// Returns the values of tracing systems.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Returns the values of applications.
    #[must_use]
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }
}

/// The output omits `tracestate` and `baggage`, because baggage can be personal.
impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceContext").field("traceparent", &self.traceparent).finish_non_exhaustive()
    }
}

/// Returns `true` for `00-<trace>-<parent>-<flags>` (W3C Trace Context §3.2.2).
///
/// A later version may be longer.
fn is_traceparent(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_hex = |range: std::ops::Range<usize>| bytes[range].iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_zero = |range: std::ops::Range<usize>| bytes[range].iter().all(|b| *b == b'0');
    (bytes.len() == 55
        || (bytes.len() > 55 && bytes.len() <= MAX_LENGTH && bytes[55] == b'-' && !text.starts_with("00")))
        && text.is_ascii()
        && [2, 35, 52].iter().all(|index| bytes[*index] == b'-')
        && [0..2, 3..35, 36..52, 53..55].into_iter().all(is_hex)
        && !text.starts_with("ff")
        && !is_zero(3..35)
        && !is_zero(36..52)
}

/// Returns `true` for up to 32 unique keys with values (W3C Trace Context §3.3.1).
fn is_tracestate(text: &str) -> bool {
    let is_key = |key: &str| {
        let is_start = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        key.len() <= 256
            && key.bytes().next().is_some_and(is_start)
            && key.bytes().all(|b| is_start(b) || b"_-*/@".contains(&b))
    };
    let is_value = |value: &str| {
        let is_printable = |b: u8| matches!(b, b' '..=b'~') && b != b',' && b != b'=';
        (1..=256).contains(&value.len()) && !value.ends_with(' ') && value.bytes().all(is_printable)
    };
    let members: Vec<_> = text.split(',').map(|member| member.trim_matches([' ', '\t'])).collect();
    let keys: Vec<_> = members.iter().filter_map(|member| member.split_once('=')).map(|(key, _)| key).collect();
    text.len() <= MAX_LENGTH
        && members.len() <= 32
        && members.iter().all(|member| {
            member.is_empty() || member.split_once('=').is_some_and(|(key, value)| is_key(key) && is_value(value))
        })
        && !keys.is_empty()
        && keys.iter().enumerate().all(|(index, key)| !keys[..index].contains(key))
}

/// Returns `true` for keys with values and, after semicolons, properties (W3C Baggage §3.3.1).
fn is_baggage(text: &str) -> bool {
    let is_token = |token: &str| {
        let is_char = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        !token.is_empty() && token.bytes().all(is_char)
    };
    let is_value = |value: &str| value.bytes().all(|b| matches!(b, b'!'..=b'~') && !b"\",;\\".contains(&b));
    let is_pair = |pair: &str| {
        let pair = pair.trim_matches([' ', '\t']);
        pair.split_once('=')
            .map(|(key, value)| is_token(key.trim_matches([' ', '\t'])) && is_value(value.trim_matches([' ', '\t'])))
    };
    let is_property = |part: &str| is_pair(part).unwrap_or_else(|| is_token(part.trim_matches([' ', '\t'])));
    text.len() <= MAX_LENGTH
        && text.split(',').count() <= 64
        && text.split(',').all(|member| {
            let mut parts = member.split(';');
            parts.next().and_then(is_pair).unwrap_or(false) && parts.all(is_property)
        })
}

/// The fields of the span of a request.
pub(crate) struct SpanFields<'a> {
    pub(crate) method: &'a str,
    pub(crate) version: ProtocolVersion,
    /// The id of the request, as JSON.
    pub(crate) id: &'a str,
    pub(crate) tool: Option<&'a str>,
    pub(crate) prompt: Option<&'a str>,
    pub(crate) resource: Option<&'a str>,
    pub(crate) session: Option<&'a str>,
    pub(crate) trace: Option<&'a TraceContext>,
}

impl SpanFields<'_> {
    /// Creates the span. Without a subscriber, no field is computed.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!(
            target: "mcp::request",
            "request",
            otel.name = %self.name(),
            otel.kind = "server",
            otel.status_code = field::Empty,
            mcp.method.name = truncated(self.method),
            mcp.protocol.version = self.version.as_str(),
            mcp.resource.uri = self.resource.map(truncated),
            mcp.session.id = self.session,
            jsonrpc.request.id = truncated(self.id.trim_matches('"')),
            gen_ai.operation.name = self.tool.map(|_| "execute_tool"),
            gen_ai.tool.name = self.tool.map(truncated),
            gen_ai.prompt.name = self.prompt.map(truncated),
            trace_id = self.trace.map(TraceContext::trace_id),
            parent_span_id = self.trace.map(TraceContext::parent_id),
            error.type = field::Empty,
            rpc.response.status_code = field::Empty,
        )
    }

    /// Returns the method with its tool or prompt. URIs are omitted, because there are too many.
    fn name(&self) -> String {
        match self.tool.or(self.prompt) {
            Some(target) => format!("{} {}", truncated(self.method), truncated(target)),
            None => truncated(self.method).to_owned(),
        }
    }
}

/// Records the error of a request.
pub(crate) fn record_error(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    #[cfg(feature = "opentelemetry")]
    span.set_status(Status::error(error.message().to_owned()));
    match error.code() {
        Some(code) => {
            let code = code.to_string();
            span.record("error.type", &*code).record("rpc.response.status_code", &*code);
        }
        None => record_tool_error(span),
    }
}

/// Records an error that a tool reported to the model.
pub(crate) fn record_tool_error(span: &Span) {
    span.record("otel.status_code", "ERROR").record("error.type", "tool_error");
}

/// Records the end of a request whose client cancelled it or is gone.
pub(crate) fn record_cancellation(span: &Span) {
    span.record("otel.status_code", "ERROR").record("error.type", "cancelled");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn of(meta: &Value) -> Option<TraceContext> {
        TraceContext::of_message(json!({"params": {"_meta": meta}}).to_string().as_bytes())
    }

    #[test]
    fn a_trace_has_its_parts() {
        let trace =
            of(&json!({"traceparent": PARENT, "tracestate": "rojo=00f067aa0ba902b7, congo=t61,", "baggage": "a=1"}));
        let trace = trace.expect("a trace");
        assert_eq!(trace.traceparent(), PARENT);
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.parent_id(), "b7ad6b7169203331");
        assert!(trace.is_sampled());
        assert_eq!(trace.tracestate(), Some("rojo=00f067aa0ba902b7, congo=t61,"));
        assert_eq!(trace.baggage(), Some("a=1"));
        assert!(!format!("{trace:?}").contains("a=1"));
    }

    #[test]
    fn what_is_malformed_is_absent() {
        for (parent, is_good) in [
            (PARENT, true),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", true),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false),
            ("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", false),
            ("0é-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", false),
            ("", false),
        ] {
            let trace = of(&json!({"traceparent": parent}));
            assert_eq!(trace.is_some(), is_good, "{parent}");
        }
        assert_eq!(of(&json!({"traceparent": 1})), None);
        assert_eq!(of(&json!({"baggage": "a=1"})), None);
    }

    #[test]
    fn state_and_baggage_are_taken_whole_or_not_at_all() {
        let too_many = |n: usize| (0..n).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        for (state, is_good) in [
            ("a=b", true),
            ("fw529a3039@dt=FfAAC-,a=x y", true),
            (&*too_many(32), true),
            (&*too_many(33), false),
            ("a=b,a=c", false),
            ("A=b", false),
            ("a", false),
            ("a=", false),
            ("a=b=c", false),
            ("a=é", false),
            ("", false),
        ] {
            let trace = of(&json!({"traceparent": PARENT, "tracestate": state})).expect("a trace");
            assert_eq!(trace.tracestate().is_some(), is_good, "{state}");
        }
        for (baggage, is_good) in [
            ("userId=alice, serverNode = DF%2028,isProduction=false;private;level=1", true),
            ("a=", true),
            (&*too_many(64), true),
            (&*too_many(65), false),
            (&*format!("a={}", "x".repeat(8192)), false),
            ("a", false),
            ("a=1,", false),
            ("=1", false),
            ("a b=1", false),
            ("a=\"1\"", false),
            ("a=b c", false),
            (" ", false),
        ] {
            let trace = of(&json!({"traceparent": PARENT, "baggage": baggage})).expect("a trace");
            assert_eq!(trace.baggage().is_some(), is_good, "{baggage}");
        }
    }
}
