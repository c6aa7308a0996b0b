//! Tokens that the authorization server is asked about (RFC 7662).

mod answer;
mod assertion;
mod credentials;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use self::answer::Requirements;
use self::credentials::{ClientAuthentication, form_encoded};
use super::claims::LEEWAY;
use super::fetch::{EndpointUrl, Fetcher, Limits, Reply};
use super::profile::{KeyOrigin, TokenIssuers};
use super::verdicts::{Bounds, Verdict, Verdicts};
use super::verifier_error::{Problem, refuse_zeros};
use super::{AcceptedTokens, JwtProfile, Protection, TokenError, TokenVerifier, VerifierError};
use crate::json::strict::parse_object;

/// However long a server wants to be left alone, a client should look again.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Verifies tokens by asking the authorization server about them (OAuth 2.0 Token Introspection, RFC 7662).
///
/// For tokens that say nothing to anyone else, and wherever a token must stop being good soon after it was revoked.
/// Built from the server's own [`Protection`], which says what tokens must be issued for, and by whom:
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
/// # What is accepted
///
/// A token that the server calls `active`, and whose
/// - `aud`, a text or a list, has the resource in it, as the MCP specification demands of every server: see
///   [`accept_audience`](IntrospectionVerifierBuilder::accept_audience) and
///   [`allow_missing_audience`](IntrospectionVerifierBuilder::allow_missing_audience) for authorization servers that know
///   it by another name, or not at all;
/// - `iss`, if it is there, is an issuer of the protection;
/// - `exp`, if it is there, is in the future, and `nbf` is not, but for a small leeway;
/// - `cnf` is not there, and `token_type` is not `DPoP`: such a token is good only together with a proof, which nobody
///   checks here.
///
/// `scope` may be a text or a list. `client_id` and `sub` may be missing; the client id is empty then. `null` is the
/// same as missing; all other members are in [`claims`](crate::TokenInfo::claims).
///
/// # What is refused, and how
///
/// Only a verdict is a 401. Whatever keeps the server from giving one is a 503, after which clients keep their token: it
/// is down, slow or overloaded, it does not accept this server's credentials, there is nothing at the URL, or its answer
/// is not what RFC 7662 describes. The reasons are logged: as an error where a setting is wrong, as a warning otherwise.
/// A 400 is a verdict unless it is about the credentials, because servers give it for types of tokens that they cannot
/// introspect.
///
/// No request is ever repeated here, and no redirect followed.
///
/// # What it costs
///
/// One request to the server for a token that is not remembered. Requests with the same token that come together share
/// one. What it said is remembered for a short time, by the SHA-256 of the token, see
/// [`cache_lifetime`](IntrospectionVerifierBuilder::cache_lifetime). No flood of tokens takes more connections than
/// [`max_concurrent`](IntrospectionVerifierBuilder::max_concurrent).
///
/// # Several issuers
///
/// An introspection endpoint knows the tokens of one authorization server. For several, choose by what the tokens look
/// like, each verifier built from a protection that has its issuer alone. Do not ask them in turn: who is sent a bearer
/// token can use it.
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

/// The settings of an [`IntrospectionVerifier`].
#[derive(Debug, Clone)]
#[must_use = "no verifier exists until `build` is called"]
pub struct IntrospectionVerifierBuilder {
    endpoint: Result<EndpointUrl, VerifierError>,
    authentication: Result<ClientAuthentication, VerifierError>,
    assertion_audience: Option<String>,
    resource: String,
    issuers: Vec<String>,
    profile: JwtProfile,
    audiences: Vec<String>,
    audience_may_be_missing: bool,
    leeway: Duration,
    max_token_bytes: usize,
    cache_capacity: usize,
    cache_lifetime: Duration,
    refusal_lifetime: Duration,
    max_concurrent: usize,
    limits: Limits,
}

impl IntrospectionVerifier {
    /// Starts with the defaults. `endpoint` is the `introspection_endpoint` of the authorization server's metadata
    /// (RFC 8414 §2): an `https` URL, or an `http` one on a loopback host.
    ///
    /// Where issuers and resource are replaced at start, the same `protection` goes to
    /// [`Http::protection`](crate::Http::protection). A server with another one does not start.
    pub fn builder<S>(protection: &Protection<S>, endpoint: impl AsRef<str>) -> IntrospectionVerifierBuilder {
        IntrospectionVerifierBuilder {
            endpoint: EndpointUrl::parse(endpoint.as_ref()).map_err(|error| Problem::IntrospectionUrl(error).into()),
            authentication: Ok(ClientAuthentication::None),
            assertion_audience: None,
            resource: protection.resource_url().to_owned(),
            issuers: protection.issuer_urls().map(str::to_owned).collect(),
            profile: JwtProfile::rfc9068(),
            audiences: Vec::new(),
            audience_may_be_missing: false,
            leeway: LEEWAY,
            max_token_bytes: 16 * 1024,
            cache_capacity: 10_000,
            cache_lifetime: Duration::from_secs(30),
            refusal_lifetime: Duration::from_secs(10),
            max_concurrent: 100,
            limits: Limits { timeout: Duration::from_secs(5), max_bytes: 64 * 1024 },
        }
    }
}

impl IntrospectionVerifierBuilder {
    /// Identifies this server with an `Authorization` header (RFC 6749 §2.3.1), the usual way. By default it does not say
    /// who it is, which few servers accept.
    pub fn client_secret_basic(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::basic(id.as_ref(), secret.as_ref());
        self
    }

    /// Identifies this server with `client_id` and `client_secret` in the form that is sent (RFC 6749 §2.3.1).
    pub fn client_secret_post(mut self, id: impl AsRef<str>, secret: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::post(id.as_ref(), secret.as_ref());
        self
    }

    /// Identifies this server with an access token of its own (RFC 7662 §2.1). Whoever starts the server has to renew it.
    pub fn bearer(mut self, token: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::bearer(token.as_ref());
        self
    }

    /// Identifies this server with an assertion that it signs for each request (RFC 7523, `private_key_jwt`), so that the
    /// authorization server has no secret of it.
    ///
    /// `key` is a private key on P-256 (`ES256`) or for RSA (`RS256`): a JWK (RFC 7517), whose `kid` is named, or a PEM text
    /// (PKCS #8, or PKCS #1 for RSA). An assertion is good for 60 seconds, and is for
    /// [`assertion_audience`](Self::assertion_audience).
    pub fn private_key_jwt(mut self, id: impl AsRef<str>, key: impl AsRef<str>) -> Self {
        self.authentication = ClientAuthentication::private_key(id.as_ref(), key.as_ref());
        self
    }

    /// Sets the `aud` of the assertions of [`private_key_jwt`](Self::private_key_jwt). Defaults to the issuer of the
    /// protection, or to the URL of the endpoint where there are several. Some servers expect the URL of their token
    /// endpoint.
    pub fn assertion_audience(mut self, audience: impl Into<String>) -> Self {
        self.assertion_audience = Some(audience.into());
        self
    }

    /// Describes the answers of an authorization server that writes client, scopes, audience or issuer in another way than
    /// RFC 7662 has it; [`JwtProfile::rfc9068`] by default. What a profile says about keys and signatures does not matter
    /// here.
    pub fn profile(mut self, profile: JwtProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Accepts this `aud` in the place of the resource, for an authorization server that knows it by another name. Can be
    /// said several times. Whoever gets tokens for that name can use them here.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens of which the authorization server does not say for which resource they are (no `aud`, or an empty
    /// one). An `aud` that is there must still fit.
    ///
    /// You then rely on that server to call only those tokens active, for the client that this server is, that were issued
    /// for this resource. Many call every token active: then a token that a user gave to any other service works here,
    /// too, in the hands of whoever runs that service. The scopes may be the only difference; make them this server's own.
    pub fn allow_missing_audience(mut self) -> Self {
        self.audience_may_be_missing = true;
        self
    }

    /// How far the clock of the authorization server may be ahead, so that its tokens are not from the future (`nbf`); 60
    /// seconds by default. A token that expired has no leeway.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The longest token that is asked about, in bytes; a longer one is refused at once. 16 KiB by default.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// How many tokens are remembered: so many accepted ones, and apart from them so many refused ones, so that no flood
    /// of bad tokens pushes out the good ones. 10 000 by default; 0 remembers none.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache_capacity = tokens;
        self
    }

    /// How long an accepted token is accepted without asking again, and so how long one may still work after it was
    /// revoked. It never works longer than its `exp`. 30 seconds by default; zero asks for every request.
    pub fn cache_lifetime(mut self, time: Duration) -> Self {
        self.cache_lifetime = time;
        self
    }

    /// How long a refused token is refused without asking again. 10 seconds by default; zero asks for every request. That
    /// the server could not be asked is never remembered.
    pub fn refusal_lifetime(mut self, time: Duration) -> Self {
        self.refusal_lifetime = time;
        self
    }

    /// How many introspections are under way at the same time, at most; 100 by default. Anyone can send tokens that nobody
    /// knows, and each costs a connection. Beyond that, a request waits for its turn; when that has not come after the
    /// time of one introspection, the client gets a 503. Who has a token that is remembered does not wait.
    pub fn max_concurrent(mut self, introspections: usize) -> Self {
        self.max_concurrent = introspections;
        self
    }

    /// How long one introspection may take, from connecting to the last byte. 5 seconds by default. After that the client
    /// gets a 503.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.limits.timeout = time;
        self
    }

    /// The longest answer that is read, in bytes; after a longer one, the client gets a 503. 64 KiB by default.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_bytes = bytes;
        self
    }

    /// Checks the settings. Nothing is sent yet, so the authorization server may start later.
    ///
    /// # Errors
    /// [`VerifierError`] for a URL that no secret should be sent to, a private key that can't be used, an empty client id,
    /// secret or text in a profile, a profile with keys of its own, a limit of zero, or an `https` URL on a machine
    /// without root certificates.
    pub fn build(self) -> Result<IntrospectionVerifier, VerifierError> {
        let endpoint = self.endpoint?;
        let authentication = self.authentication?;
        let mut profile = self.profile;
        profile.audiences.extend(self.audiences);
        profile.check()?;
        if !matches!(profile.keys, KeyOrigin::Discovery) {
            return Err(Problem::KeysForIntrospection.into());
        }
        let assertion_audience = match (self.assertion_audience, &*self.issuers) {
            (Some(audience), _) if audience.is_empty() => {
                return Err(Problem::Empty { name: "audience of assertions" }.into());
            }
            (Some(audience), _) => audience,
            (None, [issuer]) => issuer.clone(),
            (None, _) => endpoint.to_string(),
        };
        let issuers: Vec<_> = self.issuers.iter().map(|issuer| TokenIssuers::new(issuer, &profile)).collect();
        let requirements = Requirements {
            resource: self.resource,
            profile,
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
            cache_capacity: self.cache_capacity,
            // It is made of an answer, which has its own limit.
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
        let ask = |token: String| {
            let introspection = Arc::clone(introspection);
            async move { introspection.ask(&token).await }
        };
        introspection.verdicts.about(token, ask).await
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        let Requirements { issuers, resource, .. } = &self.0.requirements;
        Some(AcceptedTokens::new(issuers.iter().map(TokenIssuers::advertised), resource))
    }
}

struct Introspection {
    endpoint: EndpointUrl,
    authentication: ClientAuthentication,
    assertion_audience: String,
    requirements: Requirements,
    limits: Limits,
    bounds: Bounds,
    fetcher: Fetcher,
    verdicts: Arc<Verdicts>,
}

impl Introspection {
    async fn ask(&self, token: &str) -> Verdict {
        let who = self.authentication.form(&self.assertion_audience)?;
        let form = format!("token={}&token_type_hint=access_token{who}", form_encoded(token));
        let reply = self.fetcher.post_form(&self.endpoint, form, self.authentication.authorization()).await;
        let reply = reply.map_err(|error| TokenError::unavailable(error.to_string()))?;
        match reply.status {
            StatusCode::OK => self.requirements.judge(&reply.body, SystemTime::now()),
            StatusCode::BAD_REQUEST if !blames_the_client(&reply) => {
                Err(TokenError::invalid("the authorization server cannot introspect it"))
            }
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(self.misconfigured(&reply, self.authentication.advice()))
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

    /// Nobody gets in before an operator has done something.
    fn misconfigured(&self, reply: &Reply, advice: &str) -> TokenError {
        tracing::error!(endpoint = %self.endpoint, status = %reply.status, "no token can be introspected: {advice}");
        TokenError::unavailable(format!("{} answers {}", self.endpoint, reply.status))
    }
}

/// Whether a 400 is about who asks (RFC 6749 §5.2), not about the token.
fn blames_the_client(reply: &Reply) -> bool {
    let error = parse_object(&reply.body).ok().and_then(|mut members| members.remove("error"));
    error.is_some_and(|error| error == "invalid_client" || error == "unauthorized_client")
}
