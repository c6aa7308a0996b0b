//! The guard: the verdict about a request, from its headers and from what it asks for.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use mcp_core::{AskedScopes, Refusal};
use serde::Serialize;

use super::audit::Auditor;
use super::{
    AccessToken, Audit, Challenges, Decision, ForeignVerifier, Needed, Outcome, ProtectedResource, Reason, ScopeSet,
    TokenDigest, TokenError, TokenVerifier,
};
use crate::json::truncate::truncated;
use crate::json_response::{RETRY_LATER, json_response, retry_after};
use crate::panics::catch;
use crate::protocol::error::Error;
use crate::protocol::message::{RequestId, Target};
use crate::protocol::response::failure;

/// What stands between a request and a server: a [`Bearer`] guard, or nothing on an open server.
pub(crate) trait Gate: Send + Sync + 'static {
    /// What is protected, if anything is.
    fn resource(&self) -> Option<&ProtectedResource>;

    /// Checks that good tokens would be accepted, as far as that is known before one comes. `server` is the type of the
    /// server.
    fn check(&self, server: &'static str) -> Result<(), ForeignVerifier>;

    /// The verdict about the caller; the response, when they are turned away.
    fn admit(&self, headers: &HeaderMap) -> impl Future<Output = Result<Admitted, Response<Bytes>>> + Send;

    /// Whether a caller with this token has these scopes.
    fn covers(&self, token: Option<&AccessToken>, needed: &Needed) -> bool;

    /// The verdict about what an admitted caller asks for, which may need more than every request does.
    fn authorize(
        &self,
        caller: Admitted,
        asked: Asked<'_>,
        needed: Option<&Needed>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>>;
}

/// A caller who was let in.
///
/// The decision about their request is told once: by [`Gate::authorize`], or else, when it turns out that there is
/// nothing to authorize, when this is dropped.
pub(crate) struct Admitted {
    token: Option<AccessToken>,
    untold: Option<Untold>,
}

/// A decision to be told.
struct Untold {
    auditor: Auditor,
    digest: Option<TokenDigest>,
    /// What every request needs.
    needed: &'static ScopeSet,
}

/// What a request asks for, as far as its body says.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// That of the request, to which a refusal is the answer then.
    pub(crate) id: Option<RequestId<'a>>,
    pub(crate) method: Option<&'a str>,
    pub(crate) target: Option<&'a Target<'a>>,
}

impl Admitted {
    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// When the token stops being good.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.token.as_ref()?.expires_at
    }

    fn tell(&mut self, outcome: Outcome, asked: Asked<'_>, needed: Option<&Needed>) {
        let Some(untold) = self.untold.take() else { return };
        untold.auditor.tell(outcome, || Decision {
            method: asked.method.map(truncated),
            tool: named(&asked, |target| if let Target::Tool(name) = target { Some(name) } else { None }),
            prompt: named(&asked, |target| if let Target::Prompt(name) = target { Some(name) } else { None }),
            resource: named(&asked, |target| if let Target::Resource(uri) = target { Some(uri) } else { None }),
            token: untold.digest,
            ..Decision::new(outcome, self.token.as_ref(), needed.map_or(untold.needed.scopes, Needed::scopes))
        });
    }
}

fn named<'a>(asked: &Asked<'a>, of: impl FnOnce(&'a Target<'a>) -> Option<&'a Cow<'a, str>>) -> Option<&'a str> {
    asked.target.and_then(of).map(|name| truncated(name))
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.tell(Outcome::Allowed, Asked::default(), None);
    }
}

/// What an open server is served to, in the type [`Http<S, Anyone>`](crate::Http).
#[derive(Debug)]
pub struct Anyone(());

impl Anyone {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Gate for Anyone {
    fn resource(&self) -> Option<&ProtectedResource> {
        None
    }

    fn check(&self, _: &'static str) -> Result<(), ForeignVerifier> {
        Ok(())
    }

    async fn admit(&self, _: &HeaderMap) -> Result<Admitted, Response<Bytes>> {
        Ok(Admitted { token: None, untold: None })
    }

    /// Returns `true` if nothing is needed: nobody has a scope here, so an open server refuses an item that needs one.
    fn covers(&self, _: Option<&AccessToken>, needed: &Needed) -> bool {
        needed.scopes().is_empty()
    }

    fn authorize(
        &self,
        _: Admitted,
        asked: Asked<'_>,
        needed: Option<&Needed>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>> {
        match needed {
            Some(needed) if !self.covers(None, needed) => {
                // Without a challenge: there is no authorization server to get such a token from.
                let scopes = AskedScopes::verbatim(needed.scopes());
                Err(Box::new(refused(Refusal::InsufficientScope, None, lacking_scope(asked.id, &scopes))))
            }
            _ => Ok(None),
        }
    }
}

/// The guard of a protected server, in the type [`Http<S, Bearer<V>>`](crate::Http): a bearer token (RFC 6750) that the
/// verifier `V` accepts, on every request.
#[derive(Debug)]
pub struct Bearer<V> {
    verifier: V,
    resource: ProtectedResource,
    refusals: Refusals,
    auditor: Auditor,
}

/// The refusals that do not depend on what is asked for, written once.
#[derive(Debug)]
struct Refusals {
    authentication_required: Response<Bytes>,
    invalid_request: Response<Bytes>,
    token_expired: Response<Bytes>,
    wrong_audience: Response<Bytes>,
    unavailable: Response<Bytes>,
}

impl Refusals {
    fn new(resource: &ProtectedResource) -> Self {
        let scopes = resource.ask(resource.required().scopes);
        let refused = |refusal: Refusal, declared: fn(&Challenges) -> &'static str| {
            let challenge = match resource.challenges() {
                Some(challenges) => HeaderValue::from_static(declared(challenges)),
                None => challenge(resource, refusal, &scopes),
            };
            refused(refusal, Some(challenge), Bytes::from(refusal.body(&scopes)))
        };
        let unavailable = Refusal::Unavailable;
        // No message was read.
        let error = Error::new(unavailable.status().into(), unavailable.description(&scopes).into_owned());
        let unavailable = self::refused(unavailable, None, Bytes::from(failure(Some(RequestId::NULL), &error)));
        Self {
            authentication_required: refused(Refusal::AuthenticationRequired, |all| all.authentication_required),
            invalid_request: refused(Refusal::InvalidRequest, |all| all.invalid_request),
            token_expired: refused(Refusal::TokenExpired, |all| all.token_expired),
            wrong_audience: refused(Refusal::WrongAudience, |all| all.wrong_audience),
            unavailable: retry_after(unavailable, RETRY_LATER),
        }
    }
}

impl<V> Bearer<V> {
    pub(crate) fn new(verifier: V, resource: ProtectedResource) -> Self {
        Self { verifier, refusals: Refusals::new(&resource), resource, auditor: Auditor::default() }
    }

    pub(crate) fn with_resource(self, resource: ProtectedResource) -> Self {
        Self { refusals: Refusals::new(&resource), resource, ..self }
    }

    /// Replaces the verifier, and nothing else.
    #[cfg(feature = "testing")]
    pub(crate) fn with_verifier<W>(self, verifier: W) -> Bearer<W> {
        Bearer { verifier, resource: self.resource, refusals: self.refusals, auditor: self.auditor }
    }

    pub(crate) fn with_audit(self, hook: impl Audit) -> Self {
        Self { auditor: Auditor::new(hook), ..self }
    }

    /// Turns a request away by its headers, and tells so. `raw` and `token` are there as far as it got.
    fn refuse(
        &self,
        reason: Reason,
        raw: Option<&str>,
        token: Option<&AccessToken>,
        detail: Option<&str>,
    ) -> Response<Bytes> {
        let (outcome, needed) = (Outcome::Refused(reason), self.resource.required());
        self.auditor.tell(outcome, || Decision {
            detail,
            token: raw.map(TokenDigest::of),
            ..Decision::new(outcome, token, needed.scopes)
        });
        self.response(reason)
    }

    /// Turns away what the verifier does not accept.
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

    /// What a verified token says about itself is checked whatever the verifier did. Who is calling comes before what
    /// they may do: an expired token with too few scopes is an expired one.
    fn check_token(&self, token: &AccessToken) -> Result<(), Reason> {
        if token.expires_at.is_some_and(|end| end <= SystemTime::now()) {
            return Err(Reason::Expired);
        }
        if !token.is_for(&self.resource.url) {
            return Err(Reason::WrongAudience);
        }
        if token.issuer.as_ref().is_some_and(|issuer| self.resource.issuers.iter().all(|known| known != issuer)) {
            return Err(Reason::WrongIssuer);
        }
        if self.token_covers(token, self.resource.required().scopes) { Ok(()) } else { Err(Reason::InsufficientScope) }
    }

    fn token_covers(&self, token: &AccessToken, needed: &[&str]) -> bool {
        needed.iter().all(|scope| self.resource.covers(&token.scopes, scope))
    }

    /// The words to the client about its token.
    fn response(&self, reason: Reason) -> Response<Bytes> {
        match reason {
            Reason::NoToken | Reason::OtherScheme | Reason::Invalid | Reason::WrongIssuer => {
                self.refusals.authentication_required.clone()
            }
            Reason::Malformed => self.refusals.invalid_request.clone(),
            Reason::Expired => self.refusals.token_expired.clone(),
            Reason::WrongAudience => self.refusals.wrong_audience.clone(),
            Reason::InsufficientScope => self.lacking_scope(None, &Needed::Declared(self.resource.required())),
            Reason::Unavailable | Reason::VerifierPanicked => self.refusals.unavailable.clone(),
        }
    }

    /// The words to the client about the scopes of its token: as the answer to the request with this `id`, if it was read.
    fn lacking_scope(&self, id: Option<RequestId<'_>>, needed: &Needed) -> Response<Bytes> {
        let refusal = Refusal::InsufficientScope;
        let scopes = self.resource.ask(needed.scopes());
        let challenge = match (needed, self.resource.challenges()) {
            (Needed::Declared(set), Some(_)) => HeaderValue::from_static(set.challenge),
            _ => challenge(&self.resource, refusal, &scopes),
        };
        refused(refusal, Some(challenge), lacking_scope(id, &scopes))
    }
}

/// Returns the body of a 403: a JSON-RPC error where there is a request to answer, because clients show that to their users,
/// and otherwise the fields of OAuth. The code is the HTTP status; those of JSON-RPC have other meanings.
fn lacking_scope(id: Option<RequestId<'_>>, scopes: &AskedScopes) -> Bytes {
    #[derive(Serialize)]
    struct Lacking<'a> {
        error: &'a str,
        scope: String,
    }
    let refusal = Refusal::InsufficientScope;
    let Some(id) = id else { return refusal.body(scopes).into() };
    let lacking = Lacking { error: refusal.error(), scope: scopes.all().join(" ") };
    let error = Error::new(refusal.status().into(), refusal.description(scopes).into_owned());
    failure(Some(id), &error.data(&lacking)).into()
}

/// Returns a challenge that is not the one of the source, because what it names was replaced at start.
#[expect(clippy::expect_used, reason = "URLs and scopes are visible ASCII by construction")]
fn challenge(resource: &ProtectedResource, refusal: Refusal, scopes: &AskedScopes) -> HeaderValue {
    HeaderValue::try_from(refusal.challenge(&resource.metadata_url, scopes)).expect("a challenge is visible ASCII")
}

impl<V: TokenVerifier> Gate for Bearer<V> {
    fn resource(&self) -> Option<&ProtectedResource> {
        Some(&self.resource)
    }

    fn check(&self, server: &'static str) -> Result<(), ForeignVerifier> {
        let accepted = self.verifier.accepts();
        accepted.map_or(Ok(()), |accepted| ForeignVerifier::check(server, &accepted, &self.resource))
    }

    async fn admit(&self, headers: &HeaderMap) -> Result<Admitted, Response<Bytes>> {
        let raw = bearer_token(headers).map_err(|reason| self.refuse(reason, None, None, None))?;
        // In a future of its own, because the method may also panic before it returns one.
        let verdict = catch(AssertUnwindSafe(async { self.verifier.verify_token(raw).await })).await;
        let token = match verdict {
            Ok(Ok(token)) => token,
            Ok(Err(error)) => return Err(self.refuse_token(raw, &error)),
            Err(_) => return Err(self.refuse(Reason::VerifierPanicked, Some(raw), None, None)),
        };
        if let Err(reason) = self.check_token(&token) {
            return Err(self.refuse(reason, Some(raw), Some(&token), None));
        }
        let untold = Untold {
            auditor: self.auditor.clone(),
            // The raw token is gone when the rest is known.
            digest: self.auditor.is_heard(Outcome::Allowed).then(|| TokenDigest::of(raw)),
            needed: self.resource.required(),
        };
        Ok(Admitted { token: Some(token), untold: Some(untold) })
    }

    fn covers(&self, token: Option<&AccessToken>, needed: &Needed) -> bool {
        token.is_some_and(|token| self.token_covers(token, needed.scopes()))
    }

    fn authorize(
        &self,
        mut caller: Admitted,
        asked: Asked<'_>,
        needed: Option<&Needed>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>> {
        match needed {
            Some(needed) if !self.covers(caller.token(), needed) => {
                let reason = Reason::InsufficientScope;
                caller.tell(Outcome::Refused(reason), asked, Some(needed));
                Err(Box::new(self.lacking_scope(asked.id, needed)))
            }
            needed => {
                caller.tell(Outcome::Allowed, asked, needed);
                Ok(caller.token.take())
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "the statuses of refusals are constants")]
fn refused(refusal: Refusal, challenge: Option<HeaderValue>, body: Bytes) -> Response<Bytes> {
    let mut response = json_response(StatusCode::from_u16(refusal.status()).expect("a status"), body);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The token of the one `Authorization` header (RFC 6750 §2.1). Another scheme is no token; tokens in a query or a
/// form are never looked for.
fn bearer_token(headers: &HeaderMap) -> Result<&str, Reason> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Reason::NoToken)?;
    if values.next().is_some() {
        return Err(Reason::Malformed);
    }
    // Many bytes at a time, as below, because a token can be long; `to_str` takes one after the other.
    let value = str::from_utf8(value.as_bytes()).ok().filter(|value| value.is_ascii()).ok_or(Reason::Malformed)?;
    // As nearly every client writes it, or else in parts.
    let (scheme, token) = match value.strip_prefix("Bearer ") {
        Some(token) => ("Bearer", token),
        None => value.split_once(' ').unwrap_or((value, "")),
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(if is_scheme(scheme) { Reason::OtherScheme } else { Reason::Malformed });
    }
    let token = token.trim_start_matches(' ');
    let body = token.trim_end_matches('=');
    let allowed = body.bytes().fold(true, |all, byte| all & is_token68(byte));
    if body.is_empty() || !allowed { Err(Reason::Malformed) } else { Ok(token) }
}

/// What a token is made of, but for the padding (RFC 9110 §11.2). Without a branch, so that many are looked at at once.
fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        | (byte == b'-')
        | (byte == b'.')
        | (byte == b'_')
        | (byte == b'~')
        | (byte == b'+')
        | (byte == b'/')
}

/// A `token` of RFC 9110 §5.6.2, which every scheme is.
fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.chars().all(mcp_core::is_token_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[&'static str]) -> Result<String, Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer_token(&headers).map(str::to_owned)
    }

    #[test]
    fn an_open_gate_refuses_what_needs_scopes() {
        let set = &ScopeSet { scopes: &["admin"], challenge: "Bearer" };
        let gate = Anyone::new();
        let authorize = |needed: Option<&Needed>| {
            let caller = Admitted { token: None, untold: None };
            gate.authorize(caller, Asked::default(), needed)
        };
        for needed in [Needed::Declared(set), Needed::Composed(["read", "admin"].into())] {
            assert!(!gate.covers(None, &needed), "{needed:?}");
            let refused = authorize(Some(&needed)).expect_err("refused");
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{needed:?}");
            assert!(!refused.headers().contains_key(WWW_AUTHENTICATE), "no token would do");
            let body = String::from_utf8_lossy(refused.body());
            assert!(body.starts_with(r#"{"error":"insufficient_scope","#) && body.contains("admin"), "{body}");
            let caller = Admitted { token: None, untold: None };
            let asked = Asked { id: Some(RequestId::NULL), ..Asked::default() };
            let refused = gate.authorize(caller, asked, Some(&needed)).expect_err("refused");
            let body = String::from_utf8_lossy(refused.body());
            assert!(body.starts_with(r#"{"jsonrpc":"2.0","id":null,"error":{"code":403,"#), "{body}");
        }
        for nothing in [Needed::Declared(ScopeSet::NONE), Needed::Composed([].into())] {
            assert!(gate.covers(None, &nothing), "{nothing:?}");
            assert!(authorize(Some(&nothing)).is_ok(), "{nothing:?}");
        }
        assert!(authorize(None).is_ok());
    }

    #[test]
    fn reads_the_one_bearer_token() {
        assert_eq!(parse(&["Bearer abc"]), Ok("abc".to_owned()));
        assert_eq!(parse(&["bearer  a.b-c_d~e+f/g=="]), Ok("a.b-c_d~e+f/g==".to_owned()));
        assert_eq!(parse(&[]), Err(Reason::NoToken));
        assert_eq!(parse(&["Basic YTpi"]), Err(Reason::OtherScheme));
    }

    #[test]
    fn refuses_what_is_not_one_token() {
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer ="],
            &["Bearer a=b"],
            &["Bearer \"a\""],
            &[""],
            &["Bearer\ta"],
            &["Basic,Bearer a"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic b"],
        ] {
            assert_eq!(parse(values), Err(Reason::Malformed), "{values:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_ascii() {
        for value in [&b"Bearer \xff"[..], "Bearer é".as_bytes(), "Basic é".as_bytes()] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_bytes(value).expect("a value"))]);
            assert_eq!(bearer_token(&headers), Err(Reason::Malformed), "{value:?}");
        }
    }
}
