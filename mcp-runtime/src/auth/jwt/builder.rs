use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_core::Resource;

use super::jwk::KeySet;
use super::keys::{IssuerKeys, KeyLife, Origin};
use super::{Issuer, JwtVerifier};
use crate::auth::claims::LEEWAY;
use crate::auth::fetch::{EndpointUrl, Fetcher, Limits};
use crate::auth::profile::{KeyOrigin, TokenIssuers};
use crate::auth::token_cache::TokenCache;
use crate::auth::verifier_error::{Problem, VerifierError, refuse_zeros};
use crate::auth::{JwtProfile, ProtectedResource, Protection};

/// The settings of a [`JwtVerifier`], each with a default that fits most servers.
#[derive(Clone)]
#[must_use = "no verifier exists until `build` is called"]
pub struct JwtVerifierBuilder {
    issuers: Vec<String>,
    resource: String,
    server: Arc<ProtectedResource>,
    profile: JwtProfile,
    issuer_profiles: Vec<(String, JwtProfile)>,
    leeway: Duration,
    max_token_bytes: usize,
    cache_capacity: usize,
    key_life: KeyLife,
    fetch: Limits,
}

impl JwtVerifierBuilder {
    pub(super) fn new<S>(protection: &Protection<S>) -> Self {
        Self {
            issuers: protection.issuer_urls().map(str::to_owned).collect(),
            resource: protection.resource_url().to_owned(),
            server: Arc::new(protection.clone().into_resource()),
            profile: JwtProfile::rfc9068(),
            issuer_profiles: Vec::new(),
            leeway: LEEWAY,
            max_token_bytes: 16 * 1024,
            cache_capacity: 10_000,
            key_life: KeyLife {
                lifetime: Duration::from_secs(10 * 60),
                max_stale: Duration::from_secs(24 * 60 * 60),
                refetch_burst: 10,
                refetch_every: Duration::from_secs(10),
            },
            fetch: Limits { timeout: Duration::from_secs(5), max_bytes: 256 * 1024 },
        }
    }

    /// Describes the tokens of every issuer that has no profile of its own; [`JwtProfile::rfc9068`] by default.
    pub fn profile(mut self, profile: JwtProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Describes the tokens of one issuer, which must be one of the server's.
    pub fn issuer_profile(mut self, issuer: impl Into<String>, profile: JwtProfile) -> Self {
        self.issuer_profiles.push((issuer.into(), profile));
        self
    }

    /// How far the clock of an issuer may be ahead, so that its tokens are not from the future (`nbf`, `iat`); 60
    /// seconds by default. A token that expired has no leeway.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The longest token, in bytes; 16 KiB by default. A longer one gets a 401.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// How many verified tokens are remembered, so that their signatures are not verified again; 10 000 by default, and
    /// 0 for none. A token is forgotten when it expires or its issuer changes its keys.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache_capacity = tokens;
        self
    }

    /// After how long keys are fetched again; 10 minutes by default. It begins in the background when a fifth of it is
    /// left.
    pub fn key_lifetime(mut self, lifetime: Duration) -> Self {
        self.key_life.lifetime = lifetime;
        self
    }

    /// For how long keys stay in use that cannot be fetched again, because their issuer is down; 24 hours by default,
    /// counted from when they were fetched. After that, requests get a 503.
    pub fn max_stale(mut self, limit: Duration) -> Self {
        self.key_life.max_stale = limit;
        self
    }

    /// How often keys are fetched again for tokens that name an unknown one: `burst` times at once, and once more after
    /// each `every`; 10, and 10 seconds, by default. Beyond that, such a token gets a 503, because nobody can tell.
    ///
    /// A signature that no key confirms can be one of a new key under an old name, and a key can be asked for before it is
    /// there. Keys are fetched for that, too, `burst` times at once and then every second at most, for as long as such
    /// tokens come, which wait for it; every 10 seconds for tokens that are older than the keys; and never when `burst`
    /// is 0.
    pub fn refetch_limit(mut self, burst: u32, every: Duration) -> Self {
        self.key_life.refetch_burst = burst;
        self.key_life.refetch_every = every;
        self
    }

    /// How long fetching a document may take; 5 seconds by default.
    pub fn fetch_timeout(mut self, limit: Duration) -> Self {
        self.fetch.timeout = limit;
        self
    }

    /// The largest metadata document or JWKS, in bytes; 256 KiB by default.
    pub fn max_document_bytes(mut self, bytes: usize) -> Self {
        self.fetch.max_bytes = bytes;
        self
    }

    /// Puts the verifier together. Nobody is asked for keys yet.
    ///
    /// # Errors
    /// [`VerifierError`] when a profile is for an issuer that the server does not have or that has another one, keys are
    /// given for several issuers at once, a profile allows no algorithm or has an empty text in it, a JWKS has no usable
    /// key, a URL is not `https` (or `http` on a loopback host), a limit is zero, or the machine has no root
    /// certificates.
    pub fn build(self) -> Result<JwtVerifier, VerifierError> {
        refuse_zeros([
            ("max_token_bytes", self.max_token_bytes == 0),
            ("fetch_timeout", self.fetch.timeout.is_zero()),
            ("max_document_bytes", self.fetch.max_bytes == 0),
        ])?;
        if let Some((given, _)) = self.issuer_profiles.iter().find(|(issuer, _)| !self.issuers.contains(issuer)) {
            return Err(Problem::UnknownIssuer { given: given.clone(), known: self.issuers }.into());
        }
        let mut issuers = Vec::new();
        let mut shared = Vec::new();
        for url in &self.issuers {
            let profile = self.own_profile(url)?.unwrap_or_else(|| {
                shared.push(url.clone());
                &self.profile
            });
            let profile = profile.clone();
            if profile.algorithms.is_empty() {
                return Err(Problem::NoAlgorithm { issuer: url.clone() }.into());
            }
            profile.check()?;
            let names = TokenIssuers::new(url, &profile);
            if profile.asks_by_resource(url) {
                self.warn_of_entra();
            }
            let keys = self.keys(&names, &profile)?;
            issuers.push(Issuer { names, profile, keys });
        }
        if shared.len() > 1 && !matches!(self.profile.keys, KeyOrigin::Discovery) {
            return Err(Problem::SharedKeys { issuers: shared }.into());
        }
        Ok(JwtVerifier {
            issuers,
            resource: self.resource,
            server: self.server,
            leeway: self.leeway,
            max_token_bytes: self.max_token_bytes,
            verified: TokenCache::new(self.cache_capacity),
            last_header: Mutex::default(),
        })
    }

    /// Entra ID issues tokens only for a `resource` that is an Application ID URI, and only for its own scopes.
    fn warn_of_entra(&self) {
        let resource = &self.resource;
        if Resource::parse(&**resource).is_ok_and(|resource| resource.is_loopback()) {
            tracing::warn!(resource, "Entra ID takes no resource on a loopback host; clients can't get tokens for it");
        } else if resource.split('/').nth(3).is_none_or(str::is_empty) {
            tracing::warn!(
                resource,
                "Entra ID takes no resource that is a host alone, which clients write with a slash; give it a path"
            );
        } else if self.server.scope_prefix().is_none() {
            tracing::warn!(
                resource,
                "clients ask for scopes that Entra ID does not know (AADSTS9010010); set the protection up by \
                 `JwtProfile::set_up`, or its `scope_prefix`"
            );
        }
    }

    fn own_profile(&self, issuer: &str) -> Result<Option<&JwtProfile>, VerifierError> {
        let mut own = self.issuer_profiles.iter().filter(|(url, _)| url == issuer).map(|(_, profile)| profile);
        match (own.next(), own.next()) {
            (_, Some(_)) => Err(Problem::DuplicateProfile { issuer: issuer.to_owned() }.into()),
            (own, None) => Ok(own),
        }
    }

    fn keys(&self, names: &TokenIssuers, profile: &JwtProfile) -> Result<IssuerKeys, VerifierError> {
        let issuer = names.advertised();
        let origin = match &profile.keys {
            KeyOrigin::Fixed(json) => {
                let keys = KeySet::parse(json.as_bytes())
                    .map_err(|error| Problem::Jwks { issuer: issuer.to_owned(), reason: error.to_string() })?;
                return Ok(IssuerKeys::fixed(keys));
            }
            KeyOrigin::Discovery => Origin::Discovery,
            KeyOrigin::Url(url) => Origin::Jwks(EndpointUrl::parse(url).map_err(Problem::JwksUrl)?),
        };
        let https = match &origin {
            Origin::Discovery => issuer.starts_with("https:"),
            Origin::Jwks(url) => url.is_https(),
        };
        Ok(IssuerKeys::remote(names, origin, Fetcher::new(self.fetch, https)?, self.key_life))
    }
}

impl fmt::Debug for JwtVerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifierBuilder")
            .field("issuers", &self.issuers)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}
