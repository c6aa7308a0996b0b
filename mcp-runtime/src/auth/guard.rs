//! The guard: the verdict about a request, from its headers alone.

use std::panic::AssertUnwindSafe;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use mcp_core::Refusal;

use super::{AccessToken, Challenges, ProtectedResource, ScopeSet, TokenError, TokenVerifier};
use crate::panics::catch;

/// What stands between a request and a server: a [`Bearer`] guard, or nothing on an open server.
pub(crate) trait Gate: Send + Sync + 'static {
    /// What is protected, if anything is.
    fn resource(&self) -> Option<&ProtectedResource>;

    /// The verdict about the caller.
    fn admit(&self, headers: &HeaderMap) -> impl Future<Output = Result<Option<AccessToken>, Refused>> + Send;

    /// Whether an admitted caller has these scopes.
    fn covers(&self, token: Option<&AccessToken>, needed: &ScopeSet) -> bool;

    /// The verdict about one operation of an admitted caller.
    fn authorize(&self, token: Option<&AccessToken>, needed: &'static ScopeSet) -> Result<(), Refused>;
}

/// A request that is turned away: all that its response is made of.
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) challenge: Option<HeaderValue>,
    pub(crate) body: Bytes,
    /// In seconds.
    pub(crate) retry_after: Option<u64>,
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

    async fn admit(&self, _: &HeaderMap) -> Result<Option<AccessToken>, Refused> {
        Ok(None)
    }

    fn covers(&self, _: Option<&AccessToken>, _: &ScopeSet) -> bool {
        true
    }

    fn authorize(&self, _: Option<&AccessToken>, _: &'static ScopeSet) -> Result<(), Refused> {
        Ok(())
    }
}

/// The guard of a protected server, in the type [`Http<S, Bearer<V>>`](crate::Http): a bearer token (RFC 6750) that the
/// verifier `V` accepts, on every request.
#[derive(Debug)]
pub struct Bearer<V> {
    verifier: V,
    resource: ProtectedResource,
}

impl<V> Bearer<V> {
    pub(crate) fn new(verifier: V, resource: ProtectedResource) -> Self {
        Self { verifier, resource }
    }

    pub(crate) fn with_resource(self, resource: ProtectedResource) -> Self {
        Self { resource, ..self }
    }

    /// A caller who is not who they should be. `declared` picks the challenge of the source.
    fn refuse(&self, refusal: Refusal, declared: fn(&Challenges) -> &'static str) -> Refused {
        let needed = self.resource.required().scopes;
        let challenge = self.challenge(refusal, self.resource.challenges().map(declared), needed);
        refused(refusal, Some(challenge), Bytes::from(refusal.body(needed)))
    }

    fn unauthenticated(&self) -> Refused {
        self.refuse(Refusal::AuthenticationRequired, |declared| declared.authentication_required)
    }

    fn refuse_scope(&self, needed: &'static ScopeSet) -> Refused {
        let refusal = Refusal::InsufficientScope;
        let declared = self.resource.challenges().map(|_| needed.challenge);
        let challenge = self.challenge(refusal, declared, needed.scopes);
        refused(refusal, Some(challenge), Bytes::from_static(needed.body.as_bytes()))
    }

    /// The text from the source, unless the resource was replaced at start.
    #[expect(clippy::expect_used, reason = "URLs and scopes are visible ASCII by construction")]
    fn challenge(&self, refusal: Refusal, declared: Option<&'static str>, needed: &[&str]) -> HeaderValue {
        match declared {
            Some(declared) => HeaderValue::from_static(declared),
            None => HeaderValue::try_from(refusal.challenge(&self.resource.metadata_url, needed))
                .expect("a challenge is visible ASCII"),
        }
    }
}

impl<V: TokenVerifier> Gate for Bearer<V> {
    fn resource(&self) -> Option<&ProtectedResource> {
        Some(&self.resource)
    }

    async fn admit(&self, headers: &HeaderMap) -> Result<Option<AccessToken>, Refused> {
        let raw = match bearer_token(headers) {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                tracing::debug!("no bearer token");
                return Err(self.unauthenticated());
            }
            Err(Malformed) => {
                tracing::debug!("not one well-formed Authorization header");
                return Err(self.refuse(Refusal::InvalidRequest, |declared| declared.invalid_request));
            }
        };
        // In a future of its own, because the method may also panic before it returns one.
        let verdict = catch(AssertUnwindSafe(async { self.verifier.verify_token(raw).await })).await;
        let token = match verdict {
            Ok(Ok(token)) => token,
            Ok(Err(error @ TokenError::Invalid { .. })) => {
                tracing::debug!(%error, "token refused");
                return Err(self.unauthenticated());
            }
            Ok(Err(TokenError::Expired)) => {
                tracing::debug!("token expired");
                return Err(self.refuse(Refusal::TokenExpired, |declared| declared.token_expired));
            }
            Ok(Err(TokenError::WrongAudience)) => {
                tracing::debug!("token for another resource");
                return Err(self.refuse(Refusal::WrongAudience, |declared| declared.wrong_audience));
            }
            Ok(Err(TokenError::Unavailable { reason, retry_after })) => {
                tracing::warn!(%reason, "token cannot be verified");
                return Err(unavailable(retry_after.as_millis().div_ceil(1000)));
            }
            Err(_) => {
                tracing::error!("the token verifier panicked");
                return Err(unavailable(5));
            }
        };
        if token.expires_at.is_some_and(|end| end <= SystemTime::now()) {
            tracing::debug!(client_id = token.client_id, "token expired");
            return Err(self.refuse(Refusal::TokenExpired, |declared| declared.token_expired));
        }
        if !token.audience.is_empty() && token.audience.iter().all(|audience| *audience != self.resource.url) {
            tracing::debug!(audience = ?token.audience, "token for another resource");
            return Err(self.refuse(Refusal::WrongAudience, |declared| declared.wrong_audience));
        }
        if token.issuer.as_ref().is_some_and(|issuer| self.resource.issuers.iter().all(|known| known != issuer)) {
            tracing::debug!(issuer = token.issuer, "token of another issuer");
            return Err(self.unauthenticated());
        }
        self.authorize(Some(&token), self.resource.required())?;
        Ok(Some(token))
    }

    fn covers(&self, token: Option<&AccessToken>, needed: &ScopeSet) -> bool {
        let granted = token.map_or(&[][..], |token| &token.scopes);
        needed.scopes.iter().all(|scope| self.resource.covers(granted, scope))
    }

    fn authorize(&self, token: Option<&AccessToken>, needed: &'static ScopeSet) -> Result<(), Refused> {
        if self.covers(token, needed) {
            Ok(())
        } else {
            tracing::debug!(needed = ?needed.scopes, granted = ?token.map(|token| &token.scopes), "scopes missing");
            Err(self.refuse_scope(needed))
        }
    }
}

fn unavailable(seconds: u128) -> Refused {
    let retry_after = u64::try_from(seconds).unwrap_or(u64::MAX).max(1);
    let refusal = Refusal::Unavailable;
    Refused { retry_after: Some(retry_after), ..refused(refusal, None, Bytes::from(refusal.body(&[]))) }
}

fn refused(refusal: Refusal, challenge: Option<HeaderValue>, body: Bytes) -> Refused {
    Refused { refusal, challenge, body, retry_after: None }
}

struct Malformed;

/// The token of the one `Authorization` header (RFC 6750 §2.1). Another scheme is no token; tokens in a query or a
/// form are never looked for.
fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, Malformed> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Malformed);
    }
    let value = value.to_str().map_err(|_| Malformed)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return if is_scheme(scheme) { Ok(None) } else { Err(Malformed) };
    }
    let token = token.trim_start_matches(' ');
    let body = token.trim_end_matches('=');
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    if body.is_empty() || !body.bytes().all(allowed) { Err(Malformed) } else { Ok(Some(token)) }
}

/// A `token` of RFC 9110 §5.6.2, which every scheme is.
fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[&'static str]) -> Result<Option<String>, ()> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer_token(&headers).map(|token| token.map(str::to_owned)).map_err(|Malformed| ())
    }

    #[test]
    fn reads_the_one_bearer_token() {
        assert_eq!(parse(&["Bearer abc"]), Ok(Some("abc".to_owned())));
        assert_eq!(parse(&["bearer  a.b-c_d~e+f/g=="]), Ok(Some("a.b-c_d~e+f/g==".to_owned())));
        assert_eq!(parse(&[]), Ok(None));
        assert_eq!(parse(&["Basic YTpi"]), Ok(None));
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
            assert_eq!(parse(values), Err(()), "{values:?}");
        }
    }
}
