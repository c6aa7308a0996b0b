//! The spans and metrics of requests, as OpenTelemetry exports them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use mcp::{AccessToken, Error, Http, StaticTokens};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, TracerProvider as _};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::client::{call, modern, send};
use crate::support::log::Log;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Default)]
struct Observed {
    started: Arc<Notify>,
}

#[mcp::server(
    name = "observed",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp"
)]
impl Observed {
    /// Work in a span of one's own.
    #[mcp::tool]
    async fn observe(&self) -> &'static str {
        let work = async { tokio::task::yield_now().await };
        work.instrument(tracing::info_span!("query")).await;
        "observed"
    }

    /// Fail in one of two ways.
    #[mcp::tool]
    fn observe_failure(&self, code: Option<i32>) -> Result<String, Error> {
        Err(code.map_or_else(|| Error::tool("for the model"), |code| Error::new(code, "for the client")))
    }

    /// End in one of three ways. No other test calls this tool, because all count into the same histogram.
    #[mcp::tool]
    fn measure(&self, end: String) -> Result<String, Error> {
        match &*end {
            "error" => Err(Error::new(1001, "for the client")),
            "tool error" => Err(Error::tool("for the model")),
            _ => Ok(end),
        }
    }

    /// Wait without end.
    #[mcp::tool]
    async fn observe_nothing(&self) -> String {
        self.started.notify_one();
        std::future::pending().await
    }
}

fn app(server: Observed) -> Router {
    let alice = AccessToken::ours("client-7").with_subject("alice").with_scopes(["read", "write"]);
    Http::protected(server, StaticTokens::new([("observer-token", alice)])).router()
}

fn observe() -> Request<Body> {
    call("observer-token", "observe", "{}")
}

/// Returns the call with a trace in its `_meta`.
fn observe_in_trace() -> Request<Body> {
    let params = format!(
        r#""name":"observe","_meta":{{"traceparent":"{PARENT}","tracestate":"a=b","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"test","version":"1"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}"#
    );
    let request = modern("observer-token", "tools/call", r#""name":"observe""#);
    request.map(|_| crate::support::client::message("tools/call", &params).into())
}

/// Collects the spans that end meanwhile.
struct Export {
    spans: InMemorySpanExporter,
    _log: Log,
    _subscriber: tracing::subscriber::DefaultGuard,
}

impl Export {
    fn start() -> Self {
        // One that is for all threads, so that none of them decides that nobody listens.
        let log = Log::start();
        let spans = InMemorySpanExporter::default();
        let tracer = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build().tracer("test");
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        let subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        Self { spans, _log: log, _subscriber: subscriber }
    }

    /// Returns the spans in the order of their ends, with names in place of ids.
    fn spans(&self) -> Vec<Value> {
        let spans = self.spans.get_finished_spans().expect("spans");
        self.spans.reset();
        spans.iter().map(|span| describe(span, &spans)).collect()
    }
}

fn describe(span: &SpanData, all: &[SpanData]) -> Value {
    let name = |id: SpanId| match all.iter().find(|other| other.span_context.span_id() == id) {
        Some(span) => span.name.to_string(),
        None => id.to_string(),
    };
    let context = &span.span_context;
    let links: Vec<_> = span.links.iter().map(|link| name(link.span_context.span_id())).collect();
    let events: Vec<_> = span.events.iter().map(|event| &*event.name).collect();
    let in_trace = context.trace_id().to_string() == TRACE;
    json!({
        "name": span.name,
        "kind": format!("{:?}", span.span_kind),
        "parent": (span.parent_span_id != SpanId::INVALID).then(|| name(span.parent_span_id)),
        "remote": span.parent_span_is_remote,
        "trace": if in_trace { "the client's" } else { "another" },
        "state": context.trace_state().header(),
        "status": format!("{:?}", span.status),
        "attributes": attributes(&span.attributes),
        "links": links,
        "events": events,
    })
}

fn attributes<'a>(attributes: impl IntoIterator<Item = &'a KeyValue>) -> BTreeMap<String, String> {
    let attributes: Vec<_> = attributes.into_iter().collect();
    let map: BTreeMap<_, _> =
        attributes.iter().map(|pair| (pair.key.to_string(), pair.value.as_str().into_owned())).collect();
    assert_eq!(map.len(), attributes.len(), "an attribute is there twice: {attributes:?}");
    map
}

#[tokio::test]
async fn the_span_of_a_request_continues_the_trace_of_its_client() {
    let app = app(Observed::default());
    let export = Export::start();
    send(&app, observe_in_trace()).await;
    let query = |parent: &str| {
        json!({
            "name": "query", "kind": "Internal", "parent": parent, "remote": false, "trace": "the client's",
            "state": "a=b", "status": "Unset", "attributes": {}, "links": [], "events": [],
        })
    };
    let request = json!({
        "name": "tools/call observe",
        "kind": "Server",
        "parent": "b7ad6b7169203331",
        "remote": true,
        "trace": "the client's",
        "state": "a=b",
        "status": "Unset",
        "attributes": {
            "enduser.id": "alice",
            "enduser.scope": "read write",
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "observe",
            "jsonrpc.request.id": "1",
            "mcp.method.name": "tools/call",
            "mcp.protocol.version": "2026-07-28",
            "network.protocol.name": "http",
            "network.protocol.version": "1.1",
            "network.transport": "tcp",
            "oauth.client_id": "client-7",
            "parent_span_id": "b7ad6b7169203331",
            "trace_id": TRACE,
        },
        "links": [],
        "events": ["request ended"],
    });
    assert_eq!(export.spans(), [query("tools/call observe"), request]);
}

#[tokio::test]
async fn headers_and_spans_around_are_parents_without_a_trace_in_the_message() {
    let app = app(Observed::default());
    let export = Export::start();
    let in_headers = |mut request: Request<Body>, parent: &str| {
        request.headers_mut().insert("traceparent", parent.parse().expect("a header"));
        request
    };
    let other = "00-11111111111111111111111111111111-2222222222222222-01";
    let twice = |mut request: Request<Body>| {
        request.headers_mut().append("traceparent", PARENT.parse().expect("a header"));
        request
    };
    for (around, request, parent, links) in [
        (false, observe(), json!(null), json!([])),
        (false, in_headers(observe(), PARENT), json!("b7ad6b7169203331"), json!([])),
        (false, in_headers(observe(), "00-0-0-00"), json!(null), json!([])),
        (false, twice(in_headers(observe(), PARENT)), json!(null), json!([])),
        // The message is closer to the client than a proxy.
        (false, in_headers(observe_in_trace(), other), json!("b7ad6b7169203331"), json!([])),
        // The span of a layer has continued the trace in the headers, and not that of the message.
        (true, in_headers(observe(), PARENT), json!("around"), json!([])),
        (true, observe_in_trace(), json!("b7ad6b7169203331"), json!(["around"])),
    ] {
        let shown = format!("{around} {request:?}");
        let span = if around { tracing::info_span!("around") } else { tracing::Span::none() };
        send(&app, request).instrument(span).await;
        let spans = export.spans();
        let span = spans.iter().find(|span| span["name"] == "tools/call observe").expect("the span of the request");
        assert_eq!((&span["parent"], &span["links"]), (&parent, &links), "{shown}");
    }
}

#[tokio::test]
async fn the_span_of_a_request_that_fails_has_its_status() {
    let observed = Observed::default();
    let started = Arc::clone(&observed.started);
    let app = app(observed);
    let export = Export::start();
    let end = |export: &Export| {
        let [span] = &export.spans()[..] else { panic!("one span") };
        let attribute = |name: &str| span["attributes"][name].clone();
        json!([span["status"], attribute("error.type"), attribute("rpc.response.status_code")])
    };
    send(&app, call("observer-token", "observe_failure", "{}")).await;
    assert_eq!(end(&export), json!([r#"Error { description: "" }"#, "tool_error", null]));
    send(&app, call("observer-token", "observe_failure", r#"{"code":1001}"#)).await;
    assert_eq!(end(&export), json!([r#"Error { description: "for the client" }"#, "1001", "1001"]));
    tokio::select! {
        biased;
        response = send(&app, call("observer-token", "observe_nothing", "{}")) => panic!("{response}"),
        () = started.notified() => {}
    }
    assert_eq!(end(&export), json!([r#"Error { description: "" }"#, "cancelled", null]));
}

#[tokio::test]
async fn the_duration_of_each_request_is_measured() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter.clone()).build()).build();
    opentelemetry::global::set_meter_provider(provider.clone());
    let app = app(Observed::default());
    for end in ["ok", "ok", "tool error", "error"] {
        send(&app, call("observer-token", "measure", &json!({"end": end}).to_string())).await;
    }
    send(&app, call("observer-token", "measure_this", "{}")).await;
    provider.force_flush().expect("metrics");
    let mut series = Vec::new();
    for resource in exporter.get_finished_metrics().expect("metrics") {
        for metric in resource.scope_metrics().flat_map(opentelemetry_sdk::metrics::data::ScopeMetrics::metrics) {
            assert_eq!((metric.name(), metric.unit()), ("mcp.server.operation.duration", "s"));
            let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() else { panic!("{metric:?}") };
            for point in histogram.data_points() {
                assert_eq!(point.bounds().collect::<Vec<_>>()[..3], [0.01, 0.02, 0.05]);
                series.push(json!([attributes(point.attributes()), point.count()]));
            }
        }
    }
    // Other tests measure, too.
    series.retain(|series| series[0]["gen_ai.tool.name"].as_str().is_some_and(|tool| tool.starts_with("measure")));
    series.sort_by_key(ToString::to_string);
    let of = |further: &[(&str, &str)]| {
        let mut attributes = json!({
            "mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "measure",
        });
        further.iter().for_each(|(name, value)| attributes[name] = (*value).into());
        attributes
    };
    let mut expected = [
        json!([of(&[]), 2]),
        json!([of(&[("error.type", "tool_error")]), 1]),
        json!([of(&[("error.type", "1001"), ("rpc.response.status_code", "1001")]), 1]),
    ];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(series, expected);
}
