//! The gate in front of a server: who is let in, and for what.

mod authorization;
mod bearer;
mod open;
mod refusals;

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use mcp_core::Refusal;

pub(in crate::auth) use self::authorization::Authorization;
pub use self::bearer::Bearer;
pub use self::open::Anyone;
use super::audit::{Audit, Auditor, Decision, Outcome};
use super::proof::ProofSetup;
use super::{AccessToken, ForeignVerifier, ProtectedResource, RequiredScopes};
use crate::json::truncate::truncated;
use crate::protocol::message::{Request, RequestId, Target};

/// The decisions about the requests to a server: those of [`Bearer`], or of [`Anyone`].
///
/// A request is decided in two steps: [`admit`](Self::admit) by its headers, before anything of its body is read, and
/// [`authorize`](Self::authorize) by its message, before any of the user's code runs.
pub(crate) trait Gate: Send + Sync + 'static {
    /// Reports decisions to `hook`.
    fn with_audit(self, hook: Arc<dyn Audit>) -> Self;

    /// Passes the parts of the running server to the checks of proofs.
    fn set_up_proofs(&mut self, setup: ProofSetup);

    /// Returns the protected resource, or `None` for an open server.
    fn resource(&self) -> Option<&ProtectedResource>;

    /// Checks that the verifier is for the tokens that clients get.
    ///
    /// `server` is the type of the server, for the error, if it is in the source.
    fn check(&self, server: Option<&'static str>) -> Result<(), ForeignVerifier>;

    /// Prepares the decisions. The error is for the operator.
    fn warm_up(&self) -> impl Future<Output = io::Result<()>> + Send;

    /// Decides about the caller, and removes the credentials of an admitted one. The error is the response of a refusal.
    ///
    /// A handler has no use for raw credentials, and must not pass them on.
    fn admit(&self, parts: &mut Parts) -> impl Future<Output = Result<Admitted, Response<Bytes>>> + Send;

    /// Returns the nonce for the next proof of a client, if it needs one (RFC 9449 §8.2).
    fn nonce(&self) -> Option<HeaderValue>;

    /// Returns `true` if a caller with this token has these scopes.
    fn satisfies(&self, token: Option<&AccessToken>, required: &RequiredScopes) -> bool;

    /// Returns the challenge to a caller whose request turns out to need these scopes, if a client can act on one.
    fn challenge(&self, refusal: Refusal, required: &[String]) -> Option<HeaderValue>;

    /// Decides about the message of an admitted caller, by its scopes.
    ///
    /// The error is the response of a refusal.
    fn authorize(
        &self,
        caller: Admitted,
        target: AuditTarget<'_>,
        required: Option<&RequiredScopes>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>>;
}

/// A caller who was let in.
///
/// The decision about the request is reported once: by [`Gate::authorize`], or else, when there turns out to be nothing
/// to authorize, when this is dropped.
pub(crate) struct Admitted {
    token: Option<AccessToken>,
    /// Absent if nobody receives the decision. Boxed, because callers are passed on, and few servers have a hook.
    pending: Option<Box<PendingDecision>>,
}

/// A decision that was not reported yet.
struct PendingDecision {
    auditor: Auditor,
    authorization: Authorization,
    /// The scopes that every request needs.
    required: &'static [&'static str],
}

/// The message that a decision is about, as far as it was read.
#[derive(Clone, Copy, Default)]
pub(crate) struct AuditTarget<'a> {
    /// The ID of the request, to which a refusal is the response.
    pub(crate) id: Option<RequestId<'a>>,
    pub(crate) method: Option<&'a str>,
    /// The request, of which the decision names the item.
    pub(crate) request: Option<&'a Request<'a>>,
}

impl Admitted {
    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Returns the time at which the token expires.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.token.as_ref()?.expires_at
    }

    /// Reports the decision, if that was not done yet.
    fn report(&mut self, outcome: Outcome, target: AuditTarget<'_>, required: Option<&RequiredScopes>) {
        let Some(pending) = self.pending.take() else { return };
        let item = target.request.and_then(Request::target);
        pending.auditor.report(outcome, || Decision {
            method: target.method.map(truncated),
            tool: item.as_ref().and_then(Target::tool).map(truncated),
            prompt: item.as_ref().and_then(Target::prompt).map(truncated),
            resource: item.as_ref().and_then(Target::resource).map(truncated),
            token: pending.authorization.token(),
            ..Decision::new(outcome, self.token.as_ref(), required.map_or(pending.required, RequiredScopes::scopes))
        });
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.report(Outcome::Allowed, AuditTarget::default(), None);
    }
}

impl<'a> From<&'a Request<'a>> for AuditTarget<'a> {
    fn from(request: &'a Request<'a>) -> Self {
        Self { id: Some(request.id), method: Some(&request.method), request: Some(request) }
    }
}
