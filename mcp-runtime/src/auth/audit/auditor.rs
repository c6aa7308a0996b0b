//! The reports of decisions and ends: to a hook of the user, and to `tracing`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

#[cfg(feature = "opentelemetry")]
use super::metrics::Metrics;
use super::{Audit, Decision, Outcome, Reason, RequestRecord};
use crate::throttle::Throttle;

/// The target of decisions in the log.
const TARGET: &str = "mcp::audit";

/// The target of spans and ends of requests in the log.
const REQUEST: &str = "mcp::request";

/// Reports decisions and ends of requests to the hook and to `tracing`. Clones are cheap.
#[derive(Clone, Default)]
pub(crate) struct Auditor(Arc<Reports>);

/// The receivers of reports, and the limits on lines that any client can cause.
#[derive(Default)]
struct Reports {
    hook: Option<Arc<dyn Audit>>,
    #[cfg(feature = "opentelemetry")]
    metrics: Metrics,
    unavailable: Throttle,
    verifier_panics: Throttle,
    hook_panics: Throttle,
}

/// Calls a macro of `tracing` with the level of an outcome, as a constant.
macro_rules! at_level_of {
    ($outcome:expr, $macro:ident!($($fields:tt)*)) => {
        match $outcome {
            Outcome::Refused(Reason::VerifierPanicked) => {
                tracing::$macro!(target: TARGET, tracing::Level::ERROR, $($fields)*)
            }
            Outcome::Refused(Reason::Unavailable) => {
                tracing::$macro!(target: TARGET, tracing::Level::WARN, $($fields)*)
            }
            _ => tracing::$macro!(target: TARGET, tracing::Level::DEBUG, $($fields)*),
        }
    };
}

impl Auditor {
    pub(crate) fn new(hook: Arc<dyn Audit>) -> Self {
        Self(Arc::new(Reports { hook: Some(hook), ..Reports::default() }))
    }

    /// Returns `true` if a decision with this outcome is received by anyone.
    pub(in crate::auth) fn is_enabled(&self, outcome: Outcome) -> bool {
        self.0.hook.is_some() || at_level_of!(outcome, enabled!())
    }

    /// Reports a decision, which is made only for somebody who receives it.
    pub(in crate::auth) fn report<'a>(&self, outcome: Outcome, decision: impl FnOnce() -> Decision<'a>) {
        if !self.is_enabled(outcome) {
            return;
        }
        let decision = decision();
        self.trace(&decision);
        self.call(|hook| hook.decided(&decision));
    }

    /// Returns `true` if the record of a request is received by anyone.
    pub(crate) fn records(&self) -> bool {
        cfg!(feature = "opentelemetry")
            || self.0.hook.is_some()
            || tracing::enabled!(target: REQUEST, tracing::Level::INFO)
    }

    /// Reports the end of a request.
    pub(crate) fn record(&self, record: &RequestRecord<'_>) {
        trace_end(record);
        #[cfg(feature = "opentelemetry")]
        self.0.metrics.record(record);
        self.call(|hook| hook.ended(record));
    }

    /// Logs a decision. Of those that nobody could make, one passes in a while.
    fn trace(&self, decision: &Decision<'_>) {
        let throttle = match decision.outcome {
            Outcome::Refused(Reason::VerifierPanicked) => Some(&self.0.verifier_panics),
            Outcome::Refused(Reason::Unavailable) => Some(&self.0.unavailable),
            _ => None,
        };
        let Some(suppressed) = throttle.map_or(Some(0), Throttle::pass) else { return };
        let suppressed = Some(suppressed).filter(|suppressed| *suppressed > 0);
        at_level_of!(
            decision.outcome,
            event!(
                outcome = decision.outcome.as_str(),
                reason = decision.outcome.reason().map(Reason::as_str),
                detail = decision.detail,
                subject = decision.subject,
                client_id = decision.client_id,
                issuer = decision.issuer,
                audience = ?decision.audience,
                scopes_held = ?decision.scopes_held,
                scopes_needed = ?decision.scopes_needed,
                method = decision.method,
                tool = decision.tool,
                prompt = decision.prompt,
                resource = decision.resource,
                token = decision.token_digest().map(tracing::field::display),
                suppressed,
                "request {}",
                decision.outcome
            )
        );
    }

    fn call(&self, report: impl FnOnce(&dyn Audit)) {
        if let Some(hook) = &self.0.hook
            && catch_unwind(AssertUnwindSafe(|| report(&**hook))).is_err()
            && let Some(suppressed) = self.0.hook_panics.pass()
        {
            tracing::error!(suppressed, "the audit hook panicked");
        }
    }
}

fn trace_end(record: &RequestRecord<'_>) {
    // Below milliseconds, because many requests take less than one.
    let duration_ms = u32::try_from(record.duration.as_micros()).map_or(f64::INFINITY, f64::from) / 1000.0;
    tracing::info!(
        target: REQUEST,
        outcome = record.outcome.as_str(),
        code = record.outcome.code(),
        status = record.outcome.status(),
        duration_ms,
        method = record.method,
        tool = record.tool,
        prompt = record.prompt,
        resource = record.resource,
        item = record.item,
        id = record.id,
        session = record.session,
        trace_id = record.trace_id,
        peer = record.peer.map(tracing::field::display),
        subject = record.subject,
        client_id = record.client_id,
        issuer = record.issuer,
        task_end = record.is_task_end.then_some(true),
        "request ended"
    );
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.hook.is_some() { "Auditor(with a hook)" } else { "Auditor" })
    }
}
