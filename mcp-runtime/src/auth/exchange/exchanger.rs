//! The exchange of tokens: cached, shared by those who wait for one, and limited in number.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use tokio::time::Instant;

use super::answer::{Answer, IssuedToken, Refusal};
use super::error::Failure;
use super::grant::Grant;
use crate::auth::client_authentication::ClientAuthentication;
use crate::auth::digest::RawToken;
use crate::auth::discovery::Discovery;
use crate::auth::fetch::{EndpointUrl, Fetcher};
use crate::auth::permits::Permits;
use crate::auth::single_flight::SingleFlight;
use crate::auth::target::DeclaredTarget;
use crate::auth::token_cache::TokenCache;
use crate::auth::{AccessToken, TokenDigest};
use crate::throttle::Throttle;

/// The time before its expiry at which a token is replaced, so that it does not expire on its way.
const MARGIN: Duration = Duration::from_secs(30);

/// The exchange of the tokens of one issuer.
pub(super) struct Exchanger {
    pub(super) issuer: String,
    /// Set if the server has no other issuer.
    pub(super) is_only_issuer: bool,
    pub(super) grant: Grant,
    pub(super) endpoint: TokenEndpoint,
    pub(super) authentication: ClientAuthentication,
    pub(super) assertion_audience: String,
    /// The resources that replace those of targets.
    pub(super) resources: HashMap<TypeId, String>,
    pub(super) fetcher: Fetcher,
    pub(super) cache: TokenCache<Outcome>,
    pub(super) cache_lifetime: Duration,
    pub(super) refusal_lifetime: Duration,
    pub(super) permits: Permits,
    pub(super) flights: SingleFlight<TokenDigest, Result<HeaderValue, Failure>>,
    /// Limits the lines in the log, which any caller can cause.
    pub(super) problems: Throttle,
}

/// The location of the token endpoint.
pub(super) enum TokenEndpoint {
    Url(EndpointUrl),
    /// The `token_endpoint` of the issuer's metadata.
    Metadata(Discovery),
}

/// The outcome of an exchange, until its time is over.
#[derive(Clone)]
pub(super) struct Outcome {
    result: Result<HeaderValue, Failure>,
    end: Instant,
}

/// An exchange that a handler asks for.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) digest: TokenDigest,
    /// The verified token, whose expiry ends all that is made of it.
    pub(super) caller: &'a AccessToken,
    pub(super) resource: &'a str,
    pub(super) target: &'static DeclaredTarget,
}

impl Wish<'_> {
    /// Returns the key of its outcome. No part has the separator.
    fn key(&self) -> TokenDigest {
        let mut key = self.digest.bytes().to_vec();
        for part in [self.resource, self.target.audience.unwrap_or_default()].iter().chain(self.target.scopes) {
            key.push(b' ');
            key.extend_from_slice(part.as_bytes());
        }
        RawToken(&key).digest()
    }
}

impl Exchanger {
    /// Returns the header with a token for a target. `raw` returns the inbound token, unless its request ended.
    pub(super) async fn token(
        self: &Arc<Self>,
        wish: Wish<'_>,
        raw: impl FnOnce() -> Option<String>,
    ) -> Result<HeaderValue, Failure> {
        let key = wish.key();
        if let Some(result) = self.cached(&key) {
            return result;
        }
        let is_own = match &wish.caller.issuer {
            Some(issuer) => *issuer == self.issuer,
            None => self.is_only_issuer,
        };
        // Another authorization server could use the token that it is sent.
        if !is_own {
            return Err(Failure::Refused { code: "it is not the issuer of the caller's token".to_owned() });
        }
        let raw = raw().ok_or(Failure::RequestEnded)?;
        let remaining = match wish.caller.expires_at {
            Some(end) => end.duration_since(SystemTime::now()).unwrap_or_default(),
            None => Duration::MAX,
        };
        let form = self.grant.form(&raw, wish.resource, wish.target);
        drop(raw);
        let (exchanger, resource, digest) = (Arc::clone(self), wish.resource.to_owned(), wish.digest);
        let work = async move {
            // A flight may have ended since the first look.
            if let Some(result) = exchanger.cached(&key) {
                return result;
            }
            let outcome = exchanger.exchange(form, &resource, digest, remaining).await?;
            let bytes = outcome.result.as_ref().map_or_else(Failure::bytes, HeaderValue::len);
            let result = outcome.result.clone();
            if outcome.end > Instant::now() {
                exchanger.cache.insert(key, outcome, bytes);
            }
            result
        };
        let interrupted = || Failure::Unavailable { reason: "the exchange was cut short".to_owned() };
        self.flights.run(key, work).await.unwrap_or_else(|| Err(interrupted()))
    }

    fn cached(&self, key: &TokenDigest) -> Option<Result<HeaderValue, Failure>> {
        let outcome = self.cache.get(key)?;
        (outcome.end > Instant::now()).then_some(outcome.result)
    }

    /// Exchanges a token. The error is an outage, which is not cached.
    async fn exchange(
        &self,
        form: String,
        resource: &str,
        digest: TokenDigest,
        remaining: Duration,
    ) -> Result<Outcome, Failure> {
        let unavailable = |reason: String| Failure::Unavailable { reason };
        let permit = self.permits.wait(true).await.map_err(|error| unavailable(error.to_string()))?;
        let since = Instant::now();
        let answer = self.request(form).await;
        permit.record(matches!(answer, Err(_) | Ok(Answer::Down)), since);
        let (result, lifetime) = match answer.map_err(unavailable)? {
            Answer::Granted(IssuedToken { header, lifetime }) => {
                tracing::debug!(resource, token = %digest, ?lifetime, "exchanged the token of a caller");
                let own = lifetime.map_or(Duration::ZERO, |lifetime| lifetime - MARGIN.min(lifetime / 4));
                (Ok(header), own.min(self.cache_lifetime))
            }
            Answer::Refused(Refusal { code, numbers }) => {
                if let Some(suppressed) = self.problems.pass() {
                    tracing::warn!(
                        resource,
                        code,
                        ?numbers,
                        suppressed,
                        "the authorization server refuses an exchange"
                    );
                }
                (Err(Failure::Refused { code }), self.refusal_lifetime)
            }
            Answer::SignIn { claims } => {
                tracing::debug!(resource, token = %digest, "a user has to sign in again for an exchange");
                (Err(Failure::SignIn { claims }), self.refusal_lifetime)
            }
            Answer::Down => return Err(unavailable("the token endpoint is down or overloaded".to_owned())),
            Answer::BadClient { code } => {
                let advice = self.authentication.advice("exchange tokens");
                return Err(unavailable(self.misconfigured(&code, &advice)));
            }
            Answer::NoEndpoint => {
                if let TokenEndpoint::Metadata(discovery) = &self.endpoint {
                    discovery.forget();
                }
                let advice = "check that the URL of `token_endpoint` is that of a token endpoint";
                return Err(unavailable(self.misconfigured("no token endpoint", advice)));
            }
            Answer::Unusable(reason) => {
                return Err(unavailable(self.misconfigured(&format!("an unusable answer: {reason}"), "report it")));
            }
        };
        let end = since.checked_add(lifetime.min(remaining)).unwrap_or(since);
        Ok(Outcome { result, end })
    }

    async fn request(&self, mut form: String) -> Result<Answer, String> {
        let url = match &self.endpoint {
            TokenEndpoint::Url(url) => url.clone(),
            TokenEndpoint::Metadata(discovery) => discovery.known(&self.fetcher).await?,
        };
        let credentials = self.authentication.form(&self.assertion_audience).map_err(|error| error.to_string())?;
        form.push_str(&credentials);
        let reply = self.fetcher.post_form(&url, form, self.authentication.authorization()).await;
        Ok(Answer::read(&reply.map_err(|error| error.to_string())?))
    }

    /// Logs an error that only the operator can remedy, and returns it.
    fn misconfigured(&self, problem: &str, advice: &str) -> String {
        if let Some(suppressed) = self.problems.pass() {
            tracing::error!(issuer = self.issuer, problem, suppressed, "no token can be exchanged: {advice}");
        }
        problem.to_owned()
    }
}

/// Shows no secret.
impl fmt::Debug for Exchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchange")
            .field("issuer", &self.issuer)
            .field("grant", &self.grant)
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}
