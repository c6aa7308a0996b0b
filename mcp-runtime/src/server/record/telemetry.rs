//! The span of a request in OpenTelemetry: its parent, and attributes that logs do not have.

use std::net::SocketAddr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::span::TraceContext;
use crate::auth::AccessToken;

/// The caller of a request, for its span.
pub(crate) struct SpanCaller<'a> {
    pub(crate) token: Option<&'a AccessToken>,
    pub(crate) peer: Option<SocketAddr>,
    /// The version of HTTP, such as `1.1`.
    pub(crate) http: Option<&'static str>,
}

/// Makes a span a child of the client's span, before it begins.
///
/// A span around it, such as that of a layer of HTTP, becomes a link ("Semantic conventions for MCP", context propagation).
/// It stays the parent if the trace is in the headers of HTTP, because it has continued that trace.
pub(crate) fn join(span: &Span, trace: Option<&TraceContext>) {
    let current = Context::current();
    let around = current.span().span_context().clone();
    let Some(trace) = trace.filter(|trace| !(trace.is_of_headers() && around.is_valid())) else { return };
    // The only errors are a subscriber without OpenTelemetry, and one that is not interested.
    let _ = span.set_parent(Context::new().with_remote_span_context(remote(trace)));
    span.add_link(around);
}

/// Adds the caller, outside of `tracing`, so that not every line of a log names the user.
pub(crate) fn describe(span: &Span, caller: &SpanCaller<'_>) {
    if let Some(token) = caller.token {
        if let Some(subject) = &token.subject {
            span.set_attribute("enduser.id", subject.clone());
        }
        span.set_attribute("enduser.scope", token.scopes.join(" "));
        span.set_attribute("oauth.client_id", token.client_id.clone());
    }
    if let Some(peer) = caller.peer {
        span.set_attribute("client.address", peer.ip().to_string());
        span.set_attribute("client.port", i64::from(peer.port()));
    }
    if let Some(version) = caller.http {
        span.set_attribute("network.transport", "tcp");
        span.set_attribute("network.protocol.name", "http");
        span.set_attribute("network.protocol.version", version);
    }
}

fn remote(trace: &TraceContext) -> SpanContext {
    // Both are hexadecimal and not zero: a trace that is not valid does not exist.
    let id = TraceId::from_hex(trace.trace_id()).unwrap_or(TraceId::INVALID);
    let parent = SpanId::from_hex(trace.parent_id()).unwrap_or(SpanId::INVALID);
    let flags = TraceFlags::NOT_SAMPLED.with_sampled(trace.is_sampled());
    let state = trace.tracestate().and_then(|state| state.parse::<TraceState>().ok()).unwrap_or_default();
    SpanContext::new(id, parent, flags, true, state)
}
