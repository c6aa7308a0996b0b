//! The report of every decision: to a hook of the user, and to `tracing`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::auth::{AccessToken, TokenDigest};

const TARGET: &str = "mcp::audit";

/// A hook that is called with every decision about a request.
///
/// Each HTTP request to the endpoint of a protected server is decided once, before any of the user's code runs:
///
/// - It is refused by its headers.
/// - It is refused for the scopes of its message, which are checked when its body is read.
/// - It is allowed.
///
/// Some requests end before a decision: those with a foreign `Host` or `Origin`, the preflight of a browser, and those
/// of clients that disconnect early.
///
/// A closure is a hook; annotate its parameter:
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
/// [`Decision`]. Its level is error when the verifier panicked, warning when it could not decide, and debug otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hear of decisions",
    label = "this is not an audit hook",
    note = "pass a closure `|decision: &mcp::Decision<'_>| …`, or implement `mcp::Audit` for `{Self}`"
)]
pub trait Audit: Send + Sync + 'static {
    /// Receives a decision, which no hook can change.
    ///
    /// The request and the thread wait for this method, so it must not block: send to a channel what takes time. A panic
    /// is logged and changes nothing.
    fn decided(&self, decision: &Decision<'_>);
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Decision<'_>) + Send + Sync + 'static> Audit for F {
    fn decided(&self, decision: &Decision<'_>) {
        self(decision);
    }
}

/// A decision about a request, for the operator.
///
/// Nothing of it is sent to the client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// The outcome, with the reason of a refusal.
    pub outcome: Outcome,
    /// The verifier's reason why it refuses or cannot verify the token.
    pub detail: Option<&'a str>,
    /// The user that a verified token names, by the issuer's name.
    pub subject: Option<&'a str>,
    /// The OAuth client of a verified token.
    pub client_id: Option<&'a str>,
    /// The authorization server that a verified token names.
    pub issuer: Option<&'a str>,
    /// The resources that a verified token names as its audience.
    pub audience: &'a [String],
    /// The scopes of a verified token.
    pub scopes_held: &'a [String],
    /// All scopes that the request needs.
    ///
    /// They are those of its message, or, if that was not read, those of every request.
    pub scopes_needed: &'a [&'a str],
    /// The JSON-RPC method of the message, if it was read.
    ///
    /// It is the client's text, known to the server or not, and truncated to 128 characters.
    pub method: Option<&'a str>,
    /// The tool of a `tools/call`, truncated to 128 characters.
    pub tool: Option<&'a str>,
    /// The prompt of a `prompts/get`, truncated to 128 characters.
    pub prompt: Option<&'a str>,
    /// The URI of a `resources/read` or `resources/subscribe`, truncated to 128 characters.
    pub resource: Option<&'a str>,
    /// The digest of the token, if the request has one.
    pub token: Option<TokenDigest>,
}

/// The outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The request is allowed. It can still fail, for example because it names an unknown tool.
    Allowed,
    /// The request is refused.
    Refused(Reason),
}

/// The reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is no `Authorization` header (401).
    ///
    /// Many clients begin like that, to learn from the 401 where to get a token.
    NoToken,
    /// The `Authorization` header has a scheme other than `Bearer` (401).
    OtherScheme,
    /// There is not one well-formed `Authorization` header (400).
    Malformed,
    /// The verifier refuses the token (401).
    Invalid,
    /// The token expired (401).
    Expired,
    /// The token was issued for another resource (401).
    WrongAudience,
    /// The token is from an issuer that the server does not have (401).
    WrongIssuer,
    /// The token lacks scopes (403).
    InsufficientScope,
    /// The verifier cannot decide at the moment (503).
    Unavailable,
    /// The verifier panicked (503).
    VerifierPanicked,
}

impl Outcome {
    /// Returns `allowed` or `refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused(_) => "refused",
        }
    }

    /// Returns the reason of a refusal.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Allowed => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

impl Reason {
    /// Returns a name for logs and metrics, such as `wrong_audience`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::OtherScheme => "other_scheme",
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::WrongAudience => "wrong_audience",
            Self::WrongIssuer => "wrong_issuer",
            Self::InsufficientScope => "insufficient_scope",
            Self::Unavailable => "unavailable",
            Self::VerifierPanicked => "verifier_panicked",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Decision<'a> {
    /// Creates a decision with the fields of the token and the scopes.
    pub(super) fn new(outcome: Outcome, token: Option<&'a AccessToken>, scopes_needed: &'a [&'a str]) -> Self {
        Self {
            outcome,
            detail: None,
            subject: token.and_then(|token| token.subject.as_deref()),
            client_id: token.map(|token| &*token.client_id),
            issuer: token.and_then(|token| token.issuer.as_deref()),
            audience: token.map_or(&[], |token| &token.audience),
            scopes_held: token.map_or(&[], |token| &token.scopes),
            scopes_needed,
            method: None,
            tool: None,
            prompt: None,
            resource: None,
            token: None,
        }
    }
}

/// Reports decisions to the hook and to `tracing`.
#[derive(Clone, Default)]
pub(super) struct Auditor {
    hook: Option<Arc<dyn Audit>>,
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
    pub(super) fn new(hook: impl Audit) -> Self {
        Self { hook: Some(Arc::new(hook)) }
    }

    /// Returns `true` if a decision with this outcome is received by anyone.
    pub(super) fn is_enabled(&self, outcome: Outcome) -> bool {
        self.hook.is_some() || at_level_of!(outcome, enabled!())
    }

    /// Reports a decision, which is made only for somebody who receives it.
    pub(super) fn report<'a>(&self, outcome: Outcome, decision: impl FnOnce() -> Decision<'a>) {
        if !self.is_enabled(outcome) {
            return;
        }
        let decision = decision();
        trace(&decision);
        if let Some(hook) = &self.hook
            && catch_unwind(AssertUnwindSafe(|| hook.decided(&decision))).is_err()
        {
            tracing::error!("the audit hook panicked");
        }
    }
}

fn trace(decision: &Decision<'_>) {
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
            token = decision.token.as_ref().map(tracing::field::display),
            "request {}",
            decision.outcome
        )
    );
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.hook.is_some() { "Auditor(with a hook)" } else { "Auditor" })
    }
}
