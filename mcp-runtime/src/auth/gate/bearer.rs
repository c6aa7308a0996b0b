//! The gate of a protected server: bearer tokens (RFC 6750), and tokens with a proof (RFC 9449).

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Response};
use mcp_core::Refusal;

use super::authorization::{Authorization, Scheme, authorization, credentials};
use super::refusals::{Refusals, challenge, insufficient_scope, refusal_response};
use super::{Admitted, AuditTarget, Gate, PendingDecision};
use crate::auth::audit::{Audit, Auditor, Decision, Outcome, Reason};
use crate::auth::proof::{DPOP, ProofError, ProofSetup, Proofs, Target};
use crate::auth::{
    AccessToken, ForeignVerifier, ProtectedResource, RawToken, RequiredScopes, TokenError, TokenVerifier,
};
use crate::json_response::retry_after;
use crate::panics::catch;
use crate::protocol::message::RequestId;

/// The gate of a protected server, in the type [`Http<S, Bearer<V>>`](crate::Http).
///
/// Every request needs a bearer token (RFC 6750) that the verifier `V` accepts. A server that declares `dpop` also
/// accepts tokens that are bound to a key, with a proof (RFC 9449), or these only.
#[derive(Debug)]
pub struct Bearer<V> {
    verifier: Arc<V>,
    resource: ProtectedResource,
    refusals: Refusals,
    auditor: Auditor,
    /// Present if the server accepts tokens that are bound to a key.
    proofs: Option<Arc<Proofs>>,
}

impl<V> Bearer<V> {
    pub(crate) fn new(verifier: V, resource: ProtectedResource) -> Self {
        Self {
            verifier: Arc::new(verifier),
            refusals: Refusals::new(&resource),
            proofs: Proofs::new(&resource, Target::of(&resource), ProofSetup::default()),
            resource,
            auditor: Auditor::default(),
        }
    }

    pub(crate) fn with_resource(self, resource: ProtectedResource) -> Self {
        Self {
            refusals: Refusals::new(&resource),
            proofs: Proofs::new(&resource, Target::of(&resource), ProofSetup::default()),
            resource,
            ..self
        }
    }

    pub(crate) fn protected_resource(&self) -> &ProtectedResource {
        &self.resource
    }

    /// Returns another gate with the same verifier.
    pub(crate) fn share(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            resource: self.resource.clone(),
            refusals: self.refusals.clone(),
            auditor: self.auditor.clone(),
            proofs: self.proofs.clone(),
        }
    }

    /// Returns another gate with the same verifier, for routes beside the resource.
    pub(crate) fn for_routes(&self, setup: ProofSetup) -> Self {
        let target = Target::routes_beside(&self.resource);
        Self { proofs: Proofs::new(&self.resource, target, setup), ..self.share() }
    }

    /// Replaces the verifier, and nothing else.
    #[cfg(feature = "testing")]
    pub(crate) fn with_verifier<W>(self, verifier: W) -> Bearer<W> {
        Bearer {
            verifier: Arc::new(verifier),
            resource: self.resource,
            refusals: self.refusals,
            auditor: self.auditor,
            proofs: self.proofs,
        }
    }

    /// Refuses a request by its headers, and reports that.
    ///
    /// `raw` and `token` are there as far as the checks got.
    fn refuse(
        &self,
        reason: Reason,
        raw: Option<&str>,
        token: Option<&AccessToken>,
        detail: Option<&str>,
    ) -> Response<Bytes> {
        self.report(reason, raw, token, detail);
        self.response(reason)
    }

    /// Reports a refusal by the headers.
    fn report(&self, reason: Reason, raw: Option<&str>, token: Option<&AccessToken>, detail: Option<&str>) {
        let (outcome, required) = (Outcome::Refused(reason), self.resource.required());
        self.auditor.report(outcome, || Decision {
            detail,
            token: raw.map(|raw| RawToken(raw.as_bytes())),
            ..Decision::new(outcome, token, required)
        });
    }

    /// Refuses a token that the verifier does not accept.
    fn refuse_token(&self, raw: &str, error: &TokenError) -> Response<Bytes> {
        match error {
            TokenError::Invalid { reason } => self.refuse(Reason::Invalid, Some(raw), None, Some(reason)),
            TokenError::Expired => self.refuse(Reason::Expired, Some(raw), None, None),
            TokenError::WrongAudience => self.refuse(Reason::WrongAudience, Some(raw), None, None),
            TokenError::Unavailable { reason, retry_after: delay } => {
                let seconds = delay.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1);
                retry_after(self.refuse(Reason::Unavailable, Some(raw), None, Some(reason)), seconds)
            }
        }
    }

    /// Refuses a request for its proof, or for the lack of one.
    fn refuse_proof(&self, refusal: Refusal, raw: &str, token: Option<&AccessToken>) -> Response<Bytes> {
        let scopes = self.resource.ask(self.resource.required());
        let detail = refusal.description(&scopes, self.resource.dpop());
        self.report(Reason::Proof, Some(raw), token, Some(&detail));
        let challenge = challenge(&self.resource, refusal, &scopes);
        refusal_response(refusal, Some(challenge), Bytes::from(refusal.body(&scopes, self.resource.dpop())))
    }

    /// Checks a verified token that was sent without a proof, whatever its verifier checked.
    fn check_bearer(&self, token: &AccessToken) -> Result<(), Reason> {
        match self.check_identity(token, token.is_bearer_for(&self.resource.url)) {
            Err(Reason::WrongAudience) if token.confirmation().is_some() => Err(Reason::Proof),
            checked => checked.and_then(|()| self.check_scopes(token)),
        }
    }

    /// Refuses a verified token that was sent without a proof.
    fn refuse_bearer(&self, reason: Reason, raw: &str, token: &AccessToken) -> Response<Bytes> {
        match reason {
            Reason::Proof => self.refuse_proof(Refusal::BoundToken, raw, Some(token)),
            reason => self.refuse(reason, Some(raw), Some(token), None),
        }
    }

    /// Checks a verified token that was sent with a proof.
    async fn check_bound(
        &self,
        proofs: &Proofs,
        parts: &Parts,
        raw: &str,
        token: &AccessToken,
    ) -> Result<(), Response<Bytes>> {
        let refuse = |reason| self.refuse(reason, Some(raw), Some(token), None);
        self.check_identity(token, token.is_for(&self.resource.url)).map_err(refuse)?;
        proofs.check(parts, raw, token).await.map_err(|error| match error {
            ProofError::Refused(refusal) => self.refuse_proof(refusal, raw, Some(token)),
            ProofError::Undecided(reason) => self.refuse(Reason::Unavailable, Some(raw), Some(token), Some(reason)),
        })?;
        self.check_scopes(token).map_err(refuse)
    }

    /// Checks the caller of a verified token, of which `is_for` says if it is for this resource.
    fn check_identity(&self, token: &AccessToken, is_for: bool) -> Result<(), Reason> {
        if token.expires_at.is_some_and(|end| end <= SystemTime::now()) {
            return Err(Reason::Expired);
        }
        if !is_for {
            return Err(Reason::WrongAudience);
        }
        if token.issuer.as_ref().is_some_and(|issuer| self.resource.issuers.iter().all(|known| known != issuer)) {
            return Err(Reason::WrongIssuer);
        }
        Ok(())
    }

    /// Checks the scopes of every request, after the caller: an expired token with too few scopes is an expired one.
    fn check_scopes(&self, token: &AccessToken) -> Result<(), Reason> {
        if self.resource.allows(token, self.resource.required()) { Ok(()) } else { Err(Reason::InsufficientScope) }
    }

    /// Returns the response of a refusal by the headers.
    fn response(&self, reason: Reason) -> Response<Bytes> {
        match reason {
            Reason::NoToken | Reason::OtherScheme | Reason::Invalid | Reason::WrongIssuer | Reason::Proof => {
                self.refusals.authentication_required.clone()
            }
            Reason::Malformed => self.refusals.invalid_request.clone(),
            Reason::Expired => self.refusals.token_expired.clone(),
            Reason::WrongAudience => self.refusals.wrong_audience.clone(),
            Reason::InsufficientScope => self.insufficient_scope(None, &self.resource.required_set()),
            Reason::Unavailable | Reason::VerifierPanicked => self.refusals.unavailable.clone(),
        }
    }

    /// Returns the response to a token that lacks scopes.
    ///
    /// `id` is that of the request, if it was read.
    fn insufficient_scope(&self, id: Option<RequestId<'_>>, required: &RequiredScopes) -> Response<Bytes> {
        let refusal = Refusal::InsufficientScope;
        let scopes = self.resource.ask(required.scopes());
        let challenge = match (required, self.resource.challenges()) {
            (RequiredScopes::Declared(set), Some(_)) => HeaderValue::from_static(set.challenge),
            _ => challenge(&self.resource, refusal, &scopes),
        };
        refusal_response(refusal, Some(challenge), insufficient_scope(id, required, &scopes))
    }
}

impl<V: TokenVerifier> Gate for Bearer<V> {
    fn with_audit(self, hook: Arc<dyn Audit>) -> Self {
        Self { auditor: Auditor::new(hook), ..self }
    }

    fn set_up_proofs(&mut self, setup: ProofSetup) {
        self.proofs = Proofs::new(&self.resource, Target::of(&self.resource), setup);
    }

    fn resource(&self) -> Option<&ProtectedResource> {
        Some(&self.resource)
    }

    fn check(&self, server: Option<&'static str>) -> Result<(), ForeignVerifier> {
        let accepted = self.verifier.accepts();
        let ProtectedResource { url, issuers, .. } = &self.resource;
        accepted.map_or(Ok(()), |accepted| ForeignVerifier::check(server, &accepted, url, issuers))
    }

    async fn warm_up(&self) -> io::Result<()> {
        let warmed = catch(pin!(async { self.verifier.warm_up().await })).await;
        warmed.unwrap_or_else(|_| Err(io::Error::other("the verifier panicked")))
    }

    async fn admit(&self, parts: &mut Parts) -> Result<Admitted, Response<Bytes>> {
        let refuse = |reason| self.refuse(reason, None, None, None);
        let header = authorization(&parts.headers).map_err(refuse)?;
        let (scheme, raw) = credentials(header).map_err(refuse)?;
        let proofs = match (scheme, &self.proofs) {
            (Scheme::Bearer, None) => None,
            (Scheme::Bearer, Some(proofs)) if proofs.is_required() => {
                proofs.warn_of_bearer();
                return Err(self.refuse_proof(Refusal::ProofRequired, raw, None));
            }
            (Scheme::Bearer, Some(_)) => None,
            (Scheme::Dpop, Some(proofs)) => Some(proofs),
            (Scheme::Dpop, None) => return Err(refuse(Reason::OtherScheme)),
        };
        // In a future of its own, because the method may also panic before it returns one.
        let verdict = catch(pin!(async { self.verifier.verify_token(raw).await })).await;
        let token = match verdict {
            Ok(Ok(token)) => token,
            Ok(Err(error)) => return Err(self.refuse_token(raw, &error)),
            Err(_) => return Err(self.refuse(Reason::VerifierPanicked, Some(raw), None, None)),
        };
        match proofs {
            None => self.check_bearer(&token).map_err(|reason| self.refuse_bearer(reason, raw, &token))?,
            // Boxed, because other requests would have to reserve its size.
            Some(proofs) => Box::pin(self.check_bound(proofs, parts, raw, &token)).await?,
        }
        // A refusal for lack of scopes has the same level in the log.
        let pending = self.auditor.is_enabled(Outcome::Allowed).then(|| {
            Box::new(PendingDecision {
                auditor: self.auditor.clone(),
                authorization: Authorization::of(header, raw),
                required: self.resource.required(),
            })
        });
        parts.headers.remove(AUTHORIZATION);
        if proofs.is_some() {
            parts.headers.remove(DPOP);
        }
        Ok(Admitted { token: Some(token.with_hierarchy(self.resource.hierarchy())), pending })
    }

    fn nonce(&self) -> Option<HeaderValue> {
        self.proofs.as_ref()?.nonce()
    }

    fn satisfies(&self, token: Option<&AccessToken>, required: &RequiredScopes) -> bool {
        token.is_some_and(|token| self.resource.allows(token, required.scopes()))
    }

    fn challenge(&self, refusal: Refusal, required: &[String]) -> Option<HeaderValue> {
        let required: Vec<&str> = required.iter().map(String::as_str).collect();
        Some(challenge(&self.resource, refusal, &self.resource.ask(&required)))
    }

    fn authorize(
        &self,
        mut caller: Admitted,
        target: AuditTarget<'_>,
        required: Option<&RequiredScopes>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>> {
        match required {
            Some(required) if !self.satisfies(caller.token(), required) => {
                caller.report(Outcome::Refused(Reason::InsufficientScope), target, Some(required));
                Err(Box::new(self.insufficient_scope(target.id, required)))
            }
            required => {
                caller.report(Outcome::Allowed, target, required);
                Ok(caller.token.take())
            }
        }
    }
}
