//! The record of a request: what spans, logs and the audit hook report about it.

pub(crate) mod recording;
pub(crate) mod result;
pub(crate) mod span;
#[cfg(feature = "opentelemetry")]
pub(crate) mod telemetry;
