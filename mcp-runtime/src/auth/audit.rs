use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{AccessToken, TokenDigest};

const TARGET: &str = "mcp::audit";

/// Hears of every decision of the guard: who asked for what, and whether they may.
///
/// Each HTTP request to the endpoint of a protected server is decided once. It is refused by its headers; or for the
/// scopes of what it asks for, which are looked at when its body is read; or it is let in, and then the decision comes
/// before any of the user's code runs. A request for a foreign `Host` or from a foreign `Origin` does not get as far,
/// nor does the preflight of a browser. One whose client hangs up before the verifier has answered is never decided.
///
/// A closure is one; annotate its parameter:
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
///         // When nobody reads, let go rather than wait.
///         let _ = queue.try_send((reason, decision.client_id.map(str::to_owned)));
///     }
/// });
/// # drop(refusals);
/// # http.serve("127.0.0.1:8000").await
/// # }
/// ```
///
/// The same goes to [`tracing`](https://docs.rs/tracing), as an event of the target `mcp::audit` whose fields are those of
/// [`Decision`]: an error when the verifier panicked, a warning when it could not decide, and at debug level otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hear of decisions",
    label = "this is not an audit hook",
    note = "pass a closure `|decision: &mcp::Decision<'_>| …`, or implement `mcp::Audit` for `{Self}`"
)]
pub trait Audit: Send + Sync + 'static {
    /// Takes note of a decision, which is made already.
    ///
    /// The request waits for it, and so does the thread: do not block, and hand over to a channel what takes time. A panic is
    /// logged and changes nothing.
    fn decided(&self, decision: &Decision<'_>);
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Decision<'_>) + Send + Sync + 'static> Audit for F {
    fn decided(&self, decision: &Decision<'_>) {
        self(decision);
    }
}

/// What was decided about a request. It is for the operator: nothing of it is sent to the client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// Whether the request was let in.
    pub outcome: Outcome,
    /// What the verifier said about a token that it refuses or cannot verify.
    pub detail: Option<&'a str>,
    /// The user, as far as a verified token names one. It is the issuer's own name for them.
    pub subject: Option<&'a str>,
    /// The OAuth client, when the token was verified.
    pub client_id: Option<&'a str>,
    /// The authorization server, as far as a verified token names it.
    pub issuer: Option<&'a str>,
    /// The resources that a verified token is for, as far as it names them.
    pub audience: &'a [String],
    /// The scopes of a verified token.
    pub scopes_held: &'a [String],
    /// All scopes that the request needs, as far as it was read: those of what it asks for, or those of every request.
    pub scopes_needed: &'a [&'a str],
    /// The JSON-RPC method, when the body was read and names one.
    ///
    /// This and the three below are what the client wrote, known or not, cut off after 128 characters.
    pub method: Option<&'a str>,
    /// The tool of a `tools/call`.
    pub tool: Option<&'a str>,
    /// The prompt of a `prompts/get`.
    pub prompt: Option<&'a str>,
    /// The URI of a `resources/read` or a `resources/subscribe`.
    pub resource: Option<&'a str>,
    /// What stands for the token, when there was one.
    pub token: Option<TokenDigest>,
}

/// Whether a request was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It was let in. What becomes of it is another matter: it may ask for something that there is not.
    Allowed,
    /// It was turned away.
    Refused(Reason),
}

/// Why a request was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is no `Authorization` header (401). Many clients begin like that, to learn from the 401 where to get one.
    NoToken,
    /// The `Authorization` header has another scheme than `Bearer`, such as `Basic` or `DPoP` (401).
    OtherScheme,
    /// There is not one well-formed `Authorization` header (400).
    Malformed,
    /// The verifier refuses the token (401).
    Invalid,
    /// The token expired (401).
    Expired,
    /// The token was issued for another resource (401).
    WrongAudience,
    /// The verifier accepts the token, but says that it was issued by none of the server's issuers (401).
    WrongIssuer,
    /// The token lacks scopes (403).
    InsufficientScope,
    /// The verifier cannot decide at the moment (503).
    Unavailable,
    /// The verifier panicked (503).
    VerifierPanicked,
}

impl Outcome {
    /// `allowed` or `refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused(_) => "refused",
        }
    }

    /// Why it was refused, if it was.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Allowed => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

impl Reason {
    /// A name for logs and metrics, such as `wrong_audience`.
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
    /// What a token and the needed scopes say.
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

/// Passes decisions on, to whoever listens.
#[derive(Clone, Default)]
pub(super) struct Auditor {
    hook: Option<Arc<dyn Audit>>,
}

/// The level of a `tracing` macro must be known when it compiles.
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

    /// Whether anyone wants to know. Nothing is worth computing otherwise.
    pub(super) fn is_heard(&self, outcome: Outcome) -> bool {
        self.hook.is_some() || at_level_of!(outcome, enabled!())
    }

    pub(super) fn tell<'a>(&self, outcome: Outcome, decision: impl FnOnce() -> Decision<'a>) {
        if !self.is_heard(outcome) {
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
