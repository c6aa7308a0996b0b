//! The metrics of requests, by OpenTelemetry's conventions for MCP.

use opentelemetry::metrics::Histogram;
use opentelemetry::{InstrumentationScope, KeyValue, global};

use super::{RequestOutcome, RequestRecord};

/// The upper bounds of the histogram in seconds, as the conventions advise them.
const BOUNDARIES: [f64; 14] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

/// The methods that have a series of their own. Clients invent others.
const METHODS: [&str; 18] = [
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/update",
    "tools/call",
    "tools/list",
];

/// The instruments of a server, made by the global meter provider.
#[derive(Clone)]
pub(super) struct Metrics {
    duration: Histogram<f64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let scope = InstrumentationScope::builder("mcp").with_version(env!("CARGO_PKG_VERSION")).build();
        let duration = global::meter_with_scope(scope)
            .f64_histogram("mcp.server.operation.duration")
            .with_description("Duration of an MCP request, from its arrival to its end")
            .with_unit("s")
            .with_boundaries(BOUNDARIES.to_vec())
            .build();
        Self { duration }
    }
}

impl Metrics {
    /// Counts a request whose message was read. A task counts with the request that began it.
    pub(super) fn record(&self, record: &RequestRecord<'_>) {
        let Some(method) = record.method.filter(|_| !record.is_task_end) else { return };
        let method = METHODS.iter().find(|known| **known == method).copied().unwrap_or("_OTHER");
        let mut attributes = vec![KeyValue::new("mcp.method.name", method)];
        let mut add = |name: &'static str, value: Option<String>| {
            attributes.extend(value.map(|value| KeyValue::new(name, value)));
        };
        // Only declared names: each name has a series for as long as the server runs.
        let item = |is_kind: bool| record.item.filter(|_| is_kind).map(str::to_owned);
        add("gen_ai.operation.name", record.tool.map(|_| "execute_tool".to_owned()));
        add("gen_ai.tool.name", item(record.tool.is_some()));
        add("gen_ai.prompt.name", item(record.prompt.is_some()));
        add("error.type", error_type(record.outcome));
        add("rpc.response.status_code", record.outcome.code().map(|code| code.to_string()));
        self.duration.record(record.duration.as_secs_f64(), &attributes);
    }
}

/// Returns the class of the error with which a request ended.
fn error_type(outcome: RequestOutcome) -> Option<String> {
    match outcome {
        RequestOutcome::Ok | RequestOutcome::InputRequired | RequestOutcome::Task => None,
        RequestOutcome::Error(code) => Some(code.to_string()),
        RequestOutcome::Refused(status) => Some(status.to_string()),
        other => Some(other.as_str().to_owned()),
    }
}
