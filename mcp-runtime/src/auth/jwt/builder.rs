//! The settings of a [`JwtVerifier`].

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_core::Resource;

use super::keys::{IssuerKeys, JwksLocation, KeyLife};
use super::{Issuer, JwtVerifier};
use crate::auth::claims::LEEWAY;
use crate::auth::discovery::Discovery;
use crate::auth::fetch::{EndpointUrl, Fetcher, Limits};
use crate::auth::jose::jwk::KeySet;
use crate::auth::profile::{KeyOrigin, TokenIssuers};
use crate::auth::token_cache::{CacheLimits, TokenCache};
use crate::auth::verifier_error::{Problem, VerifierError, refuse_zeros};
use crate::auth::{JwtProfile, ProtectedResource, Protection};

/// The settings of a [`JwtVerifier`]. Each has a default.
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
    cache: CacheLimits,
    key_life: KeyLife,
    fetch: Limits,
}

impl JwtVerifier {
    /// Returns a builder for the issuers and the resource of a server.
    ///
    /// If these are replaced at start, pass the same `protection` to [`Http::protection`](crate::Http::protection).
    /// A server with another one does not start.
    pub fn builder<S>(protection: &Protection<S>) -> JwtVerifierBuilder {
        JwtVerifierBuilder {
            issuers: protection.issuer_urls().map(str::to_owned).collect(),
            resource: protection.resource_url().to_owned(),
            server: Arc::new(protection.clone().into_resource()),
            profile: JwtProfile::rfc9068(),
            issuer_profiles: Vec::new(),
            leeway: LEEWAY,
            max_token_bytes: 16 * 1024,
            cache: CacheLimits::default(),
            key_life: KeyLife {
                lifetime: Duration::from_secs(10 * 60),
                max_stale: Duration::from_secs(24 * 60 * 60),
                refetch_burst: 10,
                refetch_every: Duration::from_secs(10),
            },
            fetch: Limits { timeout: Duration::from_secs(5), max_bytes: 256 * 1024 },
        }
    }
}

impl JwtVerifierBuilder {
    /// Sets the profile of all issuers without one of their own. Defaults to [`JwtProfile::rfc9068`].
    pub fn profile(mut self, profile: JwtProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets the profile of one of the server's issuers.
    pub fn issuer_profile(mut self, issuer: impl Into<String>, profile: JwtProfile) -> Self {
        self.issuer_profiles.push((issuer.into(), profile));
        self
    }

    /// Limits how far `nbf` and `iat` may be in the future. Defaults to 60 seconds.
    ///
    /// The clock of an issuer may be ahead by so much. An expired token has no leeway.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Limits the bytes of a token. Defaults to 16 KiB. Beyond it, the token gets a 401.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// Limits the verified tokens that are cached. Defaults to 10 000. Beyond it, tokens that were not used lately are
    /// evicted.
    ///
    /// The signature of a cached token is not verified again until its issuer changes its keys. Zero turns the cache off.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache.entries = tokens;
        self
    }

    /// Limits the bytes of the cached tokens, with their claims. Defaults to 32 MiB. Beyond it, tokens that were not used
    /// lately are evicted.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache.bytes = bytes;
        self
    }

    /// Limits the age of keys. Defaults to 10 minutes. Beyond it, a request waits until they are fetched again.
    ///
    /// They are fetched in the background when a fifth of the lifetime is left.
    pub fn key_lifetime(mut self, lifetime: Duration) -> Self {
        self.key_life.lifetime = lifetime;
        self
    }

    /// Limits the age of keys while their issuer is down. Defaults to 24 hours. Beyond it, requests get a 503.
    pub fn max_stale(mut self, limit: Duration) -> Self {
        self.key_life.max_stale = limit;
        self
    }

    /// Limits the fetches for tokens that name an unknown key. Defaults to 10 at once, and one more every 10 seconds.
    ///
    /// Beyond it, such a token gets a 503, because the key may be a new one.
    ///
    /// Keys are also fetched for a bad signature, because a new key may have an old name. So they are for a key that
    /// was unknown a moment ago. Such fetches have a limit of their own: `burst` at once, and then one a second, for
    /// which the tokens wait. A token that is older than the keys causes at most one fetch in 10 seconds. With a
    /// `burst` of zero, there are no such fetches.
    pub fn refetch_limit(mut self, burst: u32, every: Duration) -> Self {
        self.key_life.refetch_burst = burst;
        self.key_life.refetch_every = every;
        self
    }

    /// Limits the time of fetching a document. Defaults to 5 seconds. Beyond it, the fetch fails.
    pub fn fetch_timeout(mut self, limit: Duration) -> Self {
        self.fetch.timeout = limit;
        self
    }

    /// Limits the bytes of a metadata document or a JWKS. Defaults to 256 KiB. Beyond it, the fetch fails.
    pub fn max_document_bytes(mut self, bytes: usize) -> Self {
        self.fetch.max_bytes = bytes;
        self
    }

    /// Builds the verifier. No keys are fetched yet.
    ///
    /// # Errors
    /// [`VerifierError`] when
    /// - a profile is for an issuer that the server does not have, or that has another profile;
    /// - one profile has the keys for several issuers;
    /// - a profile allows no algorithm, or has an empty text in it;
    /// - a JWKS has no usable key;
    /// - a URL is not `https`, nor `http` on a loopback host;
    /// - a limit is zero;
    /// - the machine has no root certificates.
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
            cache: TokenCache::new(self.cache),
            last_header: Mutex::default(),
        })
    }

    /// Warns of a resource or of scopes for which Entra ID issues no tokens.
    ///
    /// It issues them only for a `resource` that is an Application ID URI, and only with scopes of that resource.
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
        let location = match &profile.keys {
            KeyOrigin::Fixed(json) => {
                let keys = KeySet::parse(json.as_bytes())
                    .map_err(|error| Problem::Jwks { issuer: issuer.to_owned(), reason: error.to_string() })?;
                return Ok(IssuerKeys::fixed(keys));
            }
            KeyOrigin::Discovery => {
                JwksLocation::Metadata(Discovery::new(names.advertised(), names.metadata_names(), "jwks_uri"))
            }
            KeyOrigin::Url(url) => JwksLocation::Url(EndpointUrl::parse(url).map_err(Problem::JwksUrl)?),
        };
        let https = match &location {
            JwksLocation::Metadata(_) => issuer.starts_with("https:"),
            JwksLocation::Url(url) => url.is_https(),
        };
        Ok(IssuerKeys::remote(issuer, location, Fetcher::new(self.fetch, https)?, self.key_life))
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
