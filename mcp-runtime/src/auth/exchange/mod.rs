//! Tokens for other APIs, in the names of callers (RFC 8693, and the on-behalf-of flow of Entra ID).

mod answer;
mod downstream;
mod error;
mod exchanger;
mod grant;

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

pub(crate) use self::downstream::InboundToken;
pub use self::downstream::{Downstream, DownstreamToken};
pub use self::error::{ExchangeError, ExchangeErrorKind};
use self::exchanger::{Exchanger, TokenEndpoint};
use self::grant::Grant;
use super::client_authentication::{ClientAuthentication, assertion_audience};
use super::discovery::Discovery;
use super::fetch::{EndpointUrl, Fetcher, Limits};
use super::permits::Permits;
use super::single_flight::SingleFlight;
use super::token_cache::{CacheLimits, TokenCache};
use super::verifier_error::{Problem, refuse_zeros};
use super::{Protection, Target, VerifierError};
use crate::throttle::Throttle;

/// The exchange of callers' tokens for tokens of other APIs (RFC 8693).
///
/// [`Http::exchange`](crate::Http::exchange) takes it, and methods get tokens by a [`Downstream`]. The server is a client of
/// its authorization server here, which must know it as the audience of the callers' tokens:
///
/// ```no_run
/// use mcp::{Downstream, Error, Http, IntrospectionVerifier, Protection, Target, TokenExchange};
///
/// /// The calendar of the user.
/// struct Calendar;
///
/// impl Target for Calendar {
///     const RESOURCE: &str = "https://calendar.example.com";
///     const SCOPES: &[&str] = &["events:read"];
/// }
///
/// struct Assistant;
///
/// #[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
/// impl Assistant {
///     /// List the events of today.
///     #[mcp::tool(read_only)]
///     async fn today(&self, calendar: &Downstream<Calendar>) -> Result<String, Error> {
///         let token = calendar.token().await?;
/// #       drop(token);
/// #       Ok(String::new())
///         // Send a request with `.header("authorization", token)`.
///     }
/// }
///
/// # fn secret() -> String { std::env::var("CLIENT_SECRET").unwrap_or_default() }
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let protection = Protection::of::<Assistant>();
///     let verifier = IntrospectionVerifier::builder(&protection, "https://auth.example.com/introspect")
///         .client_secret_basic("assistant", secret())
///         .build()?;
///     let exchange = TokenExchange::builder(&protection).client_secret_basic("assistant", secret()).build()?;
///     Http::protected(Assistant, verifier).exchange(exchange).serve("127.0.0.1:8000").await
/// }
/// ```
///
/// # Requests
///
/// A token that is not cached takes one request, which is not retried and follows no redirect. Simultaneous calls with the
/// same token, for the same API, share one. An answer is a token if its `token_type` is `Bearer` and its
/// `issued_token_type`, if there is one, that of an access token. Anything else is an outage: a handler gets no token, and
/// the log has the reason.
///
/// # Secrets
///
/// Only a server with an exchange keeps the token of a request, until the request ends. The cache has exchanged tokens by
/// the SHA-256 of the caller's. Neither is printed, logged, or part of an error.
#[derive(Clone)]
pub struct TokenExchange(Arc<Exchanger>);

/// The settings of a [`TokenExchange`]. Each has a default, but for the credentials.
#[derive(Debug, Clone)]
#[must_use = "no token is exchanged until `build` is called"]
pub struct TokenExchangeBuilder {
    issuers: Vec<String>,
    issuer: Option<String>,
    grant: Grant,
    endpoint: Option<Result<EndpointUrl, VerifierError>>,
    authentication: Result<ClientAuthentication, VerifierError>,
    assertion_audience: Option<String>,
    resources: HashMap<TypeId, Result<String, VerifierError>>,
    cache: CacheLimits,
    cache_lifetime: Duration,
    refusal_lifetime: Duration,
    max_concurrent: usize,
    limits: Limits,
}

impl TokenExchange {
    /// Returns a builder for the issuer of a server.
    ///
    /// If the issuer is replaced at start, pass the same `protection` to [`Http::protection`](crate::Http::protection).
    pub fn builder<S>(protection: &Protection<S>) -> TokenExchangeBuilder {
        TokenExchangeBuilder {
            issuers: protection.issuer_urls().map(str::to_owned).collect(),
            issuer: None,
            grant: Grant::TokenExchange,
            endpoint: None,
            authentication: Ok(ClientAuthentication::None),
            assertion_audience: None,
            resources: HashMap::new(),
            cache: CacheLimits::default(),
            cache_lifetime: Duration::from_secs(3600),
            refusal_lifetime: Duration::from_secs(10),
            max_concurrent: 100,
            limits: Limits { timeout: Duration::from_secs(5), max_bytes: 64 * 1024 },
        }
    }

    /// Returns the issuer whose tokens are exchanged.
    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Keeps the token of a request, by its `Authorization` header.
    pub(crate) fn keep(&self, header: HeaderValue) -> InboundToken {
        InboundToken::new(Arc::clone(&self.0), header)
    }
}

impl TokenExchangeBuilder {
    /// Uses the on-behalf-of flow of Entra ID, instead of RFC 8693.
    ///
    /// It is the grant of RFC 7523 with `requested_token_use`. The scopes of a [`Target`] have its `AUDIENCE` in front, or
    /// else its `RESOURCE`. Without scopes, it is `.default`.
    pub fn on_behalf_of(mut self) -> Self {
        self.grant = Grant::OnBehalfOf;
        self
    }

    /// Chooses the issuer whose tokens are exchanged, for a server with several.
    ///
    /// For tokens of the others, [`Downstream::token`] is a refusal, because no other server may get them.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the URL of the token endpoint. Defaults to the `token_endpoint` of the issuer's metadata (RFC 8414 §2).
    ///
    /// It is an `https` URL, or an `http` one on a loopback host.
    pub fn token_endpoint(mut self, url: impl AsRef<str>) -> Self {
        self.endpoint = Some(EndpointUrl::parse(url.as_ref()).map_err(|error| Problem::TokenUrl(error).into()));
        self
    }

    /// Authenticates this server by an `Authorization` header (RFC 6749 §2.3.1).
    pub fn client_secret_basic(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::basic(id.as_ref(), secret.as_ref());
        self
    }

    /// Authenticates this server by parameters of the form (RFC 6749 §2.3.1).
    pub fn client_secret_post(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::post(id.as_ref(), secret.as_ref());
        self
    }

    /// Authenticates this server by a signed assertion in each request (RFC 7523).
    ///
    /// `key` is a private key on P-256 (`ES256`) or for RSA (`RS256`), as a JWK or a PEM text (PKCS #8, or PKCS #1 for RSA).
    /// An assertion is valid for 60 seconds, and for [`assertion_audience`](Self::assertion_audience).
    pub fn private_key_jwt(mut self, id: impl AsRef<str>, key: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::private_key(id.as_ref(), key.as_ref());
        self
    }

    /// Sets the `aud` of the assertions of [`private_key_jwt`](Self::private_key_jwt). Defaults to the issuer.
    ///
    /// Some servers expect the URL of their token endpoint.
    pub fn assertion_audience(mut self, audience: impl Into<String>) -> Self {
        self.assertion_audience = Some(audience.into());
        self
    }

    /// Replaces the [`RESOURCE`](Target::RESOURCE) of a target, for another environment.
    ///
    /// [`Downstream::resource`] returns it.
    pub fn resource<T: Target>(mut self, uri: impl Into<String>) -> Self {
        let uri = uri.into();
        let checked = match mcp_core::target_resource_mistake(&uri) {
            Some(mistake) => Err(Problem::TargetResource { mistake }.into()),
            None => Ok(uri),
        };
        self.resources.insert(TypeId::of::<T>(), checked);
        self
    }

    /// Limits the tokens that are cached, and the refusals. Defaults to 10 000. Beyond it, those that were not used lately
    /// are evicted.
    ///
    /// Zero turns the cache off.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache.entries = tokens;
        self
    }

    /// Limits the bytes of the cached tokens. Defaults to 32 MiB. Beyond it, those that were not used lately are evicted.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache.bytes = bytes;
        self
    }

    /// Limits the time that a token is cached. Defaults to one hour. Beyond it, the caller's token is exchanged again.
    ///
    /// A token is never used beyond its `expires_in`, less 30 seconds, nor beyond the expiry of the caller's token. One
    /// without `expires_in` is not cached.
    pub fn cache_lifetime(mut self, time: Duration) -> Self {
        self.cache_lifetime = time;
        self
    }

    /// Limits the time that a refusal is cached. Defaults to 10 seconds. Beyond it, the exchange is tried again.
    ///
    /// With zero, it is tried at each call. An outage is never cached.
    pub fn refusal_lifetime(mut self, time: Duration) -> Self {
        self.refusal_lifetime = time;
        self
    }

    /// Limits the exchanges that run at once. Defaults to 100. Beyond it, an exchange waits, and is unavailable after the
    /// [`timeout`](Self::timeout).
    pub fn max_concurrent(mut self, exchanges: usize) -> Self {
        self.max_concurrent = exchanges;
        self
    }

    /// Limits the time of one exchange. Defaults to 5 seconds. Beyond it, the exchange is unavailable.
    ///
    /// After three timeouts in a row, one exchange at a time is tried. Others are unavailable at once.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.limits.timeout = time;
        self
    }

    /// Limits the bytes of an answer. Defaults to 64 KiB. Beyond it, the exchange is unavailable.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_bytes = bytes;
        self
    }

    /// Builds the exchange. No request is sent yet, so the authorization server may start later.
    ///
    /// # Errors
    /// [`VerifierError`] when
    /// - there are no credentials, or an empty one;
    /// - the private key can't be used;
    /// - the server has several issuers and none is chosen, or an unknown one;
    /// - a URL is not `https`, nor `http` on a loopback host;
    /// - a limit is zero;
    /// - a URL is `https`, and the machine has no root certificates.
    pub fn build(self) -> Result<TokenExchange, VerifierError> {
        let authentication = self.authentication?;
        if matches!(authentication, ClientAuthentication::None) {
            return Err(Problem::NoCredentials.into());
        }
        let is_only_issuer = self.issuers.len() == 1;
        let issuer = match (self.issuer, &*self.issuers) {
            (Some(chosen), known) if known.contains(&chosen) => chosen,
            (Some(given), known) => return Err(Problem::UnknownIssuer { given, known: known.to_vec() }.into()),
            (None, [issuer]) => issuer.clone(),
            (None, known) => return Err(Problem::SeveralIssuers { known: known.to_vec() }.into()),
        };
        refuse_zeros([
            ("max_concurrent", self.max_concurrent == 0),
            ("timeout", self.limits.timeout.is_zero()),
            ("max_response_bytes", self.limits.max_bytes == 0),
        ])?;
        let endpoint = match self.endpoint.transpose()? {
            Some(url) => TokenEndpoint::Url(url),
            None => TokenEndpoint::Metadata(Discovery::new(&issuer, vec![issuer.clone()], "token_endpoint")),
        };
        let is_https = match &endpoint {
            TokenEndpoint::Url(url) => url.is_https(),
            TokenEndpoint::Metadata(_) => issuer.starts_with("https:"),
        };
        let resources = self.resources.into_iter().map(|(target, uri)| Ok((target, uri?)));
        Ok(TokenExchange(Arc::new(Exchanger {
            is_only_issuer,
            grant: self.grant,
            endpoint,
            authentication,
            assertion_audience: assertion_audience(self.assertion_audience, issuer.clone())?,
            issuer,
            resources: resources.collect::<Result<_, VerifierError>>()?,
            fetcher: Fetcher::new(self.limits, is_https)?,
            cache: TokenCache::new(self.cache),
            cache_lifetime: self.cache_lifetime,
            refusal_lifetime: self.refusal_lifetime,
            permits: Permits::new("exchanges", self.max_concurrent, self.limits.timeout),
            flights: SingleFlight::new(),
            problems: Throttle::default(),
        })))
    }
}

/// Shows no secret.
impl fmt::Debug for TokenExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
