//! Logs, traces and metrics.

use std::error::Error;
use std::{env, io};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lines, traces and metrics that are not yet written. Dropping it writes them, before the program ends.
#[must_use]
pub(crate) struct Telemetry {
    providers: Option<(SdkTracerProvider, SdkMeterProvider)>,
    _log: WorkerGuard,
}

/// Writes lines of JSON to the standard error, and exports traces and metrics if `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
///
/// It comes before the server, which takes its instruments from the global meter provider.
pub(crate) fn install() -> Result<Telemetry, Box<dyn Error>> {
    let providers = match env::var("OTEL_EXPORTER_OTLP_ENDPOINT") {
        Ok(endpoint) if !endpoint.is_empty() => Some(providers()?),
        _ => None,
    };
    let spans =
        providers.as_ref().map(|(spans, _)| tracing_opentelemetry::layer().with_tracer(spans.tracer("tracker")));
    // Another thread writes the log, so that requests do not wait for who reads it.
    let (log, log_guard) = tracing_appender::non_blocking(io::stderr());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().json().with_span_list(false).with_writer(log);
    tracing_subscriber::registry().with(filter).with(spans).with(lines).init();
    Ok(Telemetry { providers, _log: log_guard })
}

fn providers() -> Result<(SdkTracerProvider, SdkMeterProvider), Box<dyn Error>> {
    let resource = Resource::builder().with_service_name("tracker").build();
    let spans = SdkTracerProvider::builder()
        .with_batch_exporter(SpanExporter::builder().with_http().build()?)
        .with_resource(resource.clone())
        .build();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(MetricExporter::builder().with_http().build()?)
        .with_resource(resource)
        .build();
    opentelemetry::global::set_meter_provider(meters.clone());
    Ok((spans, meters))
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some((spans, meters)) = &self.providers {
            for result in [spans.shutdown(), meters.shutdown()] {
                if let Err(error) = result {
                    tracing::warn!(%error, "the last traces or metrics were not exported");
                }
            }
        }
    }
}
