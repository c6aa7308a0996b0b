//! The audit hook: what the operator learns about each request.

mod auditor;
mod decision;
#[cfg(feature = "opentelemetry")]
mod metrics;
mod record;

pub(crate) use self::auditor::Auditor;
pub use self::decision::{Decision, Outcome, Reason};
pub use self::record::{RequestOutcome, RequestRecord};

/// A hook that receives the decision about each request, and its end.
///
/// [`decided`](Self::decided) is called before any of the user's code runs, for each HTTP request to the endpoint of a
/// protected server:
///
/// - It is refused by its headers.
/// - It is refused for the scopes of its message, which are checked when its body is read.
/// - It is allowed.
///
/// Some requests end before a decision: those with a foreign `Host` or `Origin`, the preflight of a browser, and those
/// of clients that disconnect early.
///
/// [`ended`](Self::ended) is called when a request is over, over every transport: with a result, with an error, or
/// because its client is gone.
///
/// A type implements one of the two methods, or both. A closure is a hook for decisions; annotate its parameter:
///
/// ```no_run
/// # struct Notes;
/// # #[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # async fn run(tokens: mcp::StaticTokens) -> std::io::Result<()> {
/// use mcp::{Decision, Http, Outcome};
///
/// let (queue, refusals) = tokio::sync::mpsc::channel(1000);
/// let http = Http::protected(Notes, tokens).audit(move |decision: &Decision<'_>| {
///     if let Outcome::Refused(reason) = decision.outcome {
///         // Drop the decision when the channel is full, rather than wait.
///         let _ = queue.try_send((reason, decision.client_id.map(str::to_owned)));
///     }
/// });
/// # drop(refusals);
/// # http.serve("127.0.0.1:8000").await
/// # }
/// ```
///
/// Every decision is also an event of [`tracing`](https://docs.rs/tracing), with the target `mcp::audit` and the fields of
/// [`Decision`]. Its level is error when the verifier panicked, warning when it could not decide, and debug otherwise. Of those two,
/// one in ten seconds is logged, with the number of those before it (`suppressed`); the hook receives all.
/// Every end is an event, too, with the target `mcp::request`, the fields of [`RequestRecord`] and the level info.
///
/// The request and the thread wait for the hook, so it must not block: send to a channel what takes time. A panic is
/// logged and changes nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hear of decisions",
    label = "this is not an audit hook",
    note = "pass a closure `|decision: &mcp::Decision<'_>| …`, or implement `mcp::Audit` for `{Self}`"
)]
pub trait Audit: Send + Sync + 'static {
    /// Receives a decision, which no hook can change.
    fn decided(&self, decision: &Decision<'_>) {
        let _ = decision;
    }

    /// Receives the record of a request that is over.
    fn ended(&self, record: &RequestRecord<'_>) {
        let _ = record;
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Decision<'_>) + Send + Sync + 'static> Audit for F {
    fn decided(&self, decision: &Decision<'_>) {
        self(decision);
    }
}
