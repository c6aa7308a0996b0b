//! The span of a request, with OpenTelemetry's names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use mcp::{Context, Error};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::conversation::{Client, Way, silent};
use crate::support::log::Log;

struct Traced;

#[mcp::server(name = "traced", version = "1")]
impl Traced {
    /// Say something in the span of the request.
    #[mcp::tool]
    async fn speak(&self, cx: &Context) -> &'static str {
        tokio::task::yield_now().await;
        tracing::info!(target: "mcp::request", traced = cx.trace().is_some(), "within");
        "spoken"
    }

    /// Fail in one of two ways.
    #[mcp::tool]
    fn fail(&self, code: Option<i32>) -> Result<String, Error> {
        Err(code.map_or_else(|| Error::tool("for the model"), |code| Error::new(code, "for the client")))
    }

    /// A page.
    #[mcp::resource("page://{number}")]
    fn page(&self, number: u32) -> String {
        number.to_string()
    }

    /// A prompt.
    #[mcp::prompt]
    fn question(&self) -> &'static str {
        "Why?"
    }
}

/// Keeps the spans of requests, and the events in them.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<BTreeMap<String, String>>,
    current: Vec<u64>,
    events: Vec<(Option<u64>, String)>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "mcp::request"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut kept = self.0.lock().unwrap();
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        kept.spans.push(fields);
        Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap().spans[index]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let mut kept = self.0.lock().unwrap();
        let current = kept.current.last().copied();
        kept.events.push((current, fields["message"].clone()));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().current.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().current.pop();
    }
}

/// The span of one request.
async fn span(way: Way, client: Client, method: &str, params: Value) -> BTreeMap<String, String> {
    // One that is for all threads, so that none of them decides that nobody listens.
    let _log = Log::start();
    let mut connection = way.connect(Traced, client).await;
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    connection.request(method, params, silent).await;
    drop(guard);
    let kept = std::mem::take(&mut *spans.0.lock().unwrap());
    assert_eq!(kept.spans.len(), 1, "{:?}", kept.spans);
    assert!(
        kept.events.iter().all(|(span, message)| *span == Some(1) && ["within", "request ended"].contains(&&**message)),
        "{:?}",
        kept.events
    );
    kept.spans.into_iter().next().unwrap()
}

fn fields(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_request_has_a_span_that_belongs_to_the_trace_of_its_client() {
    for way in Way::ALL {
        let meta = json!({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
        let client = Client { meta, ..Client::default() };
        let id = if way.is_modern() { "1" } else { "2" };
        let mut expected = fields(&[
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "speak"),
            ("jsonrpc.request.id", id),
            ("mcp.method.name", "tools/call"),
            ("mcp.protocol.version", way.version()),
            ("otel.kind", "server"),
            ("otel.name", "tools/call speak"),
            ("parent_span_id", "b7ad6b7169203331"),
            ("trace_id", "0af7651916cd43dd8448eb211c80319c"),
        ]);
        let mut span = span(way, client, "tools/call", json!({"name": "speak"})).await;
        for fields in [&mut expected, &mut span] {
            // Which one it has is not for this test.
            fields.remove("mcp.session.id");
        }
        assert_eq!(span, expected, "{way:?}");
    }
}

#[tokio::test]
async fn a_span_says_what_it_is_about_and_how_it_ended() {
    let way = Way::Http(crate::support::schema::MODERN);
    let common = [("jsonrpc.request.id", "1"), ("mcp.protocol.version", "2026-07-28"), ("otel.kind", "server")];
    for (method, params, further) in [
        (
            "tools/call",
            json!({"name": "fail"}),
            &[
                ("error.type", "tool_error"),
                ("gen_ai.operation.name", "execute_tool"),
                ("gen_ai.tool.name", "fail"),
                ("mcp.method.name", "tools/call"),
                ("otel.name", "tools/call fail"),
                ("otel.status_code", "ERROR"),
            ][..],
        ),
        (
            "tools/call",
            json!({"name": "fail", "arguments": {"code": 1001}}),
            &[
                ("error.type", "1001"),
                ("gen_ai.operation.name", "execute_tool"),
                ("gen_ai.tool.name", "fail"),
                ("mcp.method.name", "tools/call"),
                ("otel.name", "tools/call fail"),
                ("otel.status_code", "ERROR"),
                ("rpc.response.status_code", "1001"),
            ],
        ),
        (
            "resources/read",
            json!({"uri": "page://7"}),
            &[("mcp.method.name", "resources/read"), ("mcp.resource.uri", "page://7"), ("otel.name", "resources/read")],
        ),
        (
            "prompts/get",
            json!({"name": "question"}),
            &[
                ("gen_ai.prompt.name", "question"),
                ("mcp.method.name", "prompts/get"),
                ("otel.name", "prompts/get question"),
            ],
        ),
        ("tools/list", json!({}), &[("mcp.method.name", "tools/list"), ("otel.name", "tools/list")]),
    ] {
        let expected = fields(&[&common, further].concat());
        assert_eq!(span(way, Client::default(), method, params).await, expected, "{method}");
    }
}
