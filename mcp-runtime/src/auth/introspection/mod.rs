//! The verification of tokens by introspection (RFC 7662).

mod answer;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use self::answer::Requirements;
use super::claims::LEEWAY;
use super::client_authentication::{ClientAuthentication, assertion_audience, form_encoded};
use super::fetch::{EndpointUrl, Fetcher, Limits, Reply};
use super::profile::{KeyOrigin, TokenIssuers};
use super::token_cache::CacheLimits;
use super::verdicts::{Bounds, Verdict, Verdicts};
use super::verifier_error::{Problem, refuse_zeros};
use super::{AcceptedTokens, JwtProfile, Protection, TokenError, TokenVerifier, VerifierError};
use crate::json::strict::parse_object;
use crate::throttle::Throttle;

/// The longest `Retry-After` that is passed on to clients.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// A verifier that asks the authorization server about each token (RFC 7662).
///
/// Use it for opaque tokens, and wherever a token must stop to work soon after it was revoked. It is built from the
/// server's own [`Protection`], which has the issuers and the resource that tokens must have:
///
/// ```no_run
/// use mcp::{Http, IntrospectionVerifier, Protection};
/// # struct Notes;
/// # #[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let protection = Protection::of::<Notes>();
///     let verifier = IntrospectionVerifier::builder(&protection, "https://auth.example.com/introspect")
///         .client_secret_basic("notes-server", std::env::var("CLIENT_SECRET").unwrap_or_default())
///         .build()?;
///     Http::protected(Notes, verifier).protection(protection).serve("127.0.0.1:8000").await
/// }
/// ```
///
/// # Accepted tokens
///
/// - The authorization server calls the token `active`.
/// - `aud`, a text or a list, contains the resource, as the MCP specification demands. Some authorization servers know it
///   by another name ([`accept_audience`](IntrospectionVerifierBuilder::accept_audience)), or not at all
///   ([`allow_missing_audience`](IntrospectionVerifierBuilder::allow_missing_audience)).
/// - `iss`, which is optional, is an issuer of the protection.
/// - `exp`, which is optional, is in the future, and `nbf` is not, but for a small leeway.
/// - There is no `cnf`, and `token_type` is not `DPoP`, unless the server declares `dpop`: such a token is valid only
///   together with a proof (RFC 9449). The server checks the proof, by the
///   [`confirmation`](crate::TokenInfo::confirmation) of the token.
///
/// `scope` is a text or a list. `client_id` and `sub` are optional; without the former, the client id is empty. `null` is
/// the same as missing. [`claims`](crate::TokenInfo::claims) reads all other members.
///
/// # Refusals
///
/// Only a verdict of the authorization server is a 401. Everything else is a 503, after which clients keep their token:
///
/// - The server is down, slow or overloaded.
/// - It does not accept the credentials of this server.
/// - There is no introspection endpoint at the URL.
/// - Its answer is not as RFC 7662 has it.
///
/// The reasons are logged: as an error if a setting is wrong, and otherwise as a warning. A 400 is a verdict unless it is
/// about the credentials, because servers give it for types of tokens that they cannot introspect.
///
/// # Requests
///
/// A token that is not cached takes one request, which is not retried and follows no redirect. Simultaneous requests with
/// the same token share one. Verdicts are cached by the SHA-256 of the token, for
/// [`cache_lifetime`](IntrospectionVerifierBuilder::cache_lifetime). No flood of tokens takes more connections than
/// [`max_concurrent`](IntrospectionVerifierBuilder::max_concurrent).
///
/// # Several issuers
///
/// An introspection endpoint knows the tokens of one authorization server. For several servers, choose by the form of the
/// token, with a verifier for each that is built from a protection with its issuer alone. Do not try one after the other,
/// because every server can use the bearer tokens that it is sent.
///
/// ```
/// use mcp::{AccessToken, IntrospectionVerifier, TokenError, TokenVerifier};
///
/// struct OursAndTheirs {
///     ours: IntrospectionVerifier,
///     theirs: IntrospectionVerifier,
/// }
///
/// impl TokenVerifier for OursAndTheirs {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         let verifier = if token.starts_with("partner_") { &self.theirs } else { &self.ours };
///         verifier.verify_token(token).await
///     }
/// }
/// ```
pub struct IntrospectionVerifier(Arc<Introspection>);

/// The settings of an [`IntrospectionVerifier`]. Each has a default.
#[derive(Debug, Clone)]
#[must_use = "no verifier exists until `build` is called"]
pub struct IntrospectionVerifierBuilder {
    endpoint: Result<EndpointUrl, VerifierError>,
    authentication: Result<ClientAuthentication, VerifierError>,
    assertion_audience: Option<String>,
    resource: String,
    accepts_bound: bool,
    issuers: Vec<String>,
    profile: JwtProfile,
    audiences: Vec<String>,
    audience_may_be_missing: bool,
    leeway: Duration,
    max_token_bytes: usize,
    cache: CacheLimits,
    cache_lifetime: Duration,
    refusal_lifetime: Duration,
    max_concurrent: usize,
    limits: Limits,
}

impl IntrospectionVerifier {
    /// Returns a builder for the issuers and the resource of a server.
    ///
    /// `endpoint` is the `introspection_endpoint` of the authorization server's metadata (RFC 8414 §2): an `https` URL,
    /// or an `http` one on a loopback host.
    ///
    /// If issuers or resource are replaced at start, pass the same `protection` to
    /// [`Http::protection`](crate::Http::protection). A server with another one does not start.
    pub fn builder<S>(protection: &Protection<S>, endpoint: impl AsRef<str>) -> IntrospectionVerifierBuilder {
        IntrospectionVerifierBuilder {
            endpoint: EndpointUrl::parse(endpoint.as_ref()).map_err(|error| Problem::IntrospectionUrl(error).into()),
            authentication: Ok(ClientAuthentication::None),
            assertion_audience: None,
            resource: protection.resource_url().to_owned(),
            accepts_bound: protection.dpop().is_accepted(),
            issuers: protection.issuer_urls().map(str::to_owned).collect(),
            profile: JwtProfile::rfc9068(),
            audiences: Vec::new(),
            audience_may_be_missing: false,
            leeway: LEEWAY,
            max_token_bytes: 16 * 1024,
            cache: CacheLimits::default(),
            cache_lifetime: Duration::from_secs(30),
            refusal_lifetime: Duration::from_secs(10),
            max_concurrent: 100,
            limits: Limits { timeout: Duration::from_secs(5), max_bytes: 64 * 1024 },
        }
    }
}

impl IntrospectionVerifierBuilder {
    /// Authenticates this server by an `Authorization` header (RFC 6749 §2.3.1).
    ///
    /// Without this or another method, this server sends no credentials, which few authorization servers accept.
    pub fn client_secret_basic(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::basic(id.as_ref(), secret.as_ref());
        self
    }

    /// Authenticates this server by parameters of the form (RFC 6749 §2.3.1).
    pub fn client_secret_post(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::post(id.as_ref(), secret.as_ref());
        self
    }

    /// Authenticates this server by its own access token (RFC 7662 §2.1).
    ///
    /// The token is not renewed: a new one takes a restart.
    pub fn bearer(mut self, token: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::bearer(token.as_ref());
        self
    }

    /// Authenticates this server by a signed assertion in each request (RFC 7523).
    ///
    /// So the authorization server has no secret of this one. OpenID Connect calls this `private_key_jwt`. `key` is a
    /// private key on P-256 (`ES256`) or for RSA (`RS256`). Its form is a JWK (RFC 7517), whose `kid` is sent along, or
    /// a PEM text (PKCS #8, or PKCS #1 for RSA). An assertion is valid for 60 seconds, and for
    /// [`assertion_audience`](Self::assertion_audience).
    pub fn private_key_jwt(mut self, id: impl AsRef<str>, key: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::private_key(id.as_ref(), key.as_ref());
        self
    }

    /// Sets the `aud` of the assertions of [`private_key_jwt`](Self::private_key_jwt).
    ///
    /// Defaults to the issuer of the protection, or to the URL of the endpoint if there are several. Some servers expect
    /// the URL of their token endpoint.
    pub fn assertion_audience(mut self, audience: impl Into<String>) -> Self {
        self.assertion_audience = Some(audience.into());
        self
    }

    /// Sets the profile of the answers. Defaults to [`JwtProfile::rfc9068`].
    ///
    /// It is for an authorization server that writes client, scopes, audience or issuer in another way than RFC 7662. The
    /// algorithms of a profile do not matter here, and one with keys is an error of [`build`](Self::build).
    pub fn profile(mut self, profile: JwtProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Accepts a further `aud` in place of the resource.
    ///
    /// It is for an authorization server that knows the resource by another name. Whoever gets tokens for that name can use
    /// them here.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens without an `aud`, or with an empty one. Any other `aud` must still fit.
    ///
    /// You then rely on the authorization server to call only tokens active that were issued for this resource. Many call
    /// every token active. Then a token that a user gave to any other service works here, too, in the hands of whoever runs
    /// that service. The scopes may be the only difference, so make them this server's own.
    pub fn allow_missing_audience(mut self) -> Self {
        self.audience_may_be_missing = true;
        self
    }

    /// Limits how far `nbf` may be in the future. Defaults to 60 seconds.
    ///
    /// The clock of the authorization server may be ahead by so much. An expired token has no leeway.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Limits the bytes of a token. Defaults to 16 KiB. Beyond it, the token gets a 401 without a request.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// Limits the tokens that are cached. Defaults to 10 000. Beyond it, tokens that were not used lately are evicted.
    ///
    /// Accepted and refused tokens have caches of their own, each of this size, so that a flood of bad tokens does not
    /// evict good ones. Zero turns the caches off.
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

    /// Limits the time that an accepted token is cached. Defaults to 30 seconds. Beyond it, the token is introspected
    /// again.
    ///
    /// So long may a token still work after it was revoked, but never beyond its `exp`. A token that is still in use at 80 %
    /// of that time is introspected again, while its requests go on. With zero, it is introspected on each request.
    pub fn cache_lifetime(mut self, time: Duration) -> Self {
        self.cache_lifetime = time;
        self
    }

    /// Limits the time that a refused token is cached. Defaults to 10 seconds. Beyond it, the token is introspected again.
    ///
    /// With zero, it is introspected on each request. An outage of the authorization server is never cached.
    pub fn refusal_lifetime(mut self, time: Duration) -> Self {
        self.refusal_lifetime = time;
        self
    }

    /// Limits the introspections that run at once. Defaults to 100. Beyond it, a request waits, and gets a 503 after the
    /// [`timeout`](Self::timeout).
    ///
    /// Anyone can send unknown tokens, each of which takes a connection. A quarter of the introspections is therefore for
    /// tokens that were accepted before. A cached token does not wait.
    pub fn max_concurrent(mut self, introspections: usize) -> Self {
        self.max_concurrent = introspections;
        self
    }

    /// Limits the time of one introspection. Defaults to 5 seconds. Beyond it, the client gets a 503.
    ///
    /// After three timeouts in a row, one introspection at a time is tried. Other requests get a 503 at once.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.limits.timeout = time;
        self
    }

    /// Limits the bytes of an answer. Defaults to 64 KiB. Beyond it, the client gets a 503.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_bytes = bytes;
        self
    }

    /// Builds the verifier. No request is sent yet, so the authorization server may start later.
    ///
    /// # Errors
    /// [`VerifierError`] when
    /// - the URL is not `https`, nor `http` on a loopback host;
    /// - the private key can't be used;
    /// - the client id, the secret or a text in the profile is empty;
    /// - the profile has keys of its own;
    /// - a limit is zero;
    /// - the URL is `https`, and the machine has no root certificates.
    pub fn build(self) -> Result<IntrospectionVerifier, VerifierError> {
        let endpoint = self.endpoint?;
        let authentication = self.authentication?;
        let mut profile = self.profile;
        profile.audiences.extend(self.audiences);
        profile.check()?;
        if !matches!(profile.keys, KeyOrigin::Discovery) {
            return Err(Problem::KeysForIntrospection.into());
        }
        let by_default = match &*self.issuers {
            [issuer] => issuer.clone(),
            _ => endpoint.to_string(),
        };
        let assertion_audience = assertion_audience(self.assertion_audience, by_default)?;
        let issuers: Vec<_> = self.issuers.iter().map(|issuer| TokenIssuers::new(issuer, &profile)).collect();
        let requirements = Requirements {
            resource: self.resource,
            profile,
            accepts_bound: self.accepts_bound,
            audience_may_be_missing: self.audience_may_be_missing,
            issuers,
            leeway: self.leeway,
        };
        refuse_zeros([
            ("max_token_bytes", self.max_token_bytes == 0),
            ("max_concurrent", self.max_concurrent == 0),
            ("timeout", self.limits.timeout.is_zero()),
            ("max_response_bytes", self.limits.max_bytes == 0),
        ])?;
        let bounds = Bounds {
            max_token_bytes: self.max_token_bytes,
            cache: self.cache,
            // An entry is made of an answer, which has a limit of its own.
            max_entry_bytes: usize::MAX,
            cache_lifetime: self.cache_lifetime,
            refusal_lifetime: self.refusal_lifetime,
            max_concurrent: self.max_concurrent,
            patience: self.limits.timeout,
        };
        Ok(IntrospectionVerifier(Arc::new(Introspection {
            fetcher: Fetcher::new(self.limits, endpoint.is_https())?,
            endpoint,
            authentication,
            assertion_audience,
            requirements,
            limits: self.limits,
            verdicts: Arc::new(Verdicts::new(&bounds)),
            bounds,
            misconfigured: Throttle::default(),
        })))
    }
}

impl fmt::Debug for IntrospectionVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionVerifier")
            .field("endpoint", &self.0.endpoint)
            .field("authentication", &self.0.authentication)
            .field("requirements", &self.0.requirements)
            .field("limits", &self.0.limits)
            .field("bounds", &self.0.bounds)
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl TokenVerifier for IntrospectionVerifier {
    async fn verify_token(&self, token: &str) -> Verdict {
        let introspection = &self.0;
        let introspect = |token: String| {
            let introspection = Arc::clone(introspection);
            async move { introspection.request(&token).await }
        };
        introspection.verdicts.about(token, introspect).await
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        let Requirements { issuers, resource, .. } = &self.0.requirements;
        Some(AcceptedTokens::new(issuers.iter().map(TokenIssuers::advertised), resource))
    }

    /// Introspects a text that is no token, which shows that the endpoint accepts this server's credentials.
    ///
    /// The result is cached as for every refused token.
    async fn warm_up(&self) -> io::Result<()> {
        match self.verify_token(NO_TOKEN).await {
            Err(TokenError::Unavailable { reason, .. }) => {
                let issuers: Vec<&str> = self.0.requirements.issuers.iter().map(TokenIssuers::advertised).collect();
                Err(io::Error::other(format!("tokens of {} can't be introspected: {reason}", issuers.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

/// The text that is introspected to learn whether the endpoint responds.
const NO_TOKEN: &str = "mcp-warm-up";

/// The endpoint, the credentials and the requirements of a verifier.
struct Introspection {
    endpoint: EndpointUrl,
    authentication: ClientAuthentication,
    assertion_audience: String,
    requirements: Requirements,
    limits: Limits,
    bounds: Bounds,
    fetcher: Fetcher,
    verdicts: Arc<Verdicts>,
    /// Limits the lines in the log, which anybody with a text for a token can cause.
    misconfigured: Throttle,
}

impl Introspection {
    async fn request(&self, token: &str) -> Verdict {
        let credentials = self.authentication.form(&self.assertion_audience)?;
        let form = format!("token={}&token_type_hint=access_token{credentials}", form_encoded(token));
        let reply = self.fetcher.post_form(&self.endpoint, form, self.authentication.authorization()).await;
        let reply = reply.map_err(|error| TokenError::unavailable(error.to_string()))?;
        match reply.status {
            StatusCode::OK => self.requirements.judge(&reply.body, SystemTime::now()),
            StatusCode::BAD_REQUEST if !blames_the_client(&reply) => {
                Err(TokenError::invalid("the authorization server cannot introspect it"))
            }
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(self.misconfigured(&reply, &self.authentication.advice("introspect tokens")))
            }
            StatusCode::TOO_MANY_REQUESTS => Err(self.down(&reply)),
            status if status.is_server_error() => Err(self.down(&reply)),
            _ => Err(self.misconfigured(&reply, "check that the URL is that of an introspection endpoint")),
        }
    }

    fn down(&self, reply: &Reply) -> TokenError {
        let error = TokenError::unavailable(format!("{} answers {}", self.endpoint, reply.status));
        match reply.retry_after() {
            Some(time) => error.retry_after(time.min(MAX_RETRY_AFTER)),
            None => error,
        }
    }

    /// Logs an error that only the operator can remedy, and that refuses every token.
    fn misconfigured(&self, reply: &Reply, advice: &str) -> TokenError {
        if let Some(suppressed) = self.misconfigured.pass() {
            let (endpoint, status) = (&self.endpoint, reply.status);
            tracing::error!(%endpoint, %status, suppressed, "no token can be introspected: {advice}");
        }
        TokenError::unavailable(format!("{} answers {}", self.endpoint, reply.status))
    }
}

/// Returns `true` if a 400 is about the credentials (RFC 6749 §5.2).
fn blames_the_client(reply: &Reply) -> bool {
    let error = parse_object(&reply.body).ok().and_then(|mut members| members.remove("error"));
    error.is_some_and(|error| error == "invalid_client" || error == "unauthorized_client")
}
