//! The looks of an identity provider's tokens: what a verifier goes by, of JWTs and of introspected tokens alike.

#[cfg(feature = "jwt")]
mod alternatives;
mod grant;
mod presets;
mod scopes;
mod token_issuers;

use std::borrow::Cow;
use std::fmt;

pub(super) use self::grant::{Grant, Reader};
use self::presets::Preset;
use self::scopes::ScopeClaim;
pub(super) use self::token_issuers::{TokenIssuers, unknown_issuer};
use super::JwtAlgorithm;
use super::verifier_error::Problem;

/// The looks of an issuer's tokens, and the place of its keys.
///
/// The default is the standard for JWT access tokens, RFC 9068, with keys by discovery (RFC 8414, then OpenID Connect
/// Discovery). For identity providers that differ there are presets by name, such as [`entra`](Self::entra) or
/// [`keycloak`](Self::keycloak), each of which relaxes only what the provider's tokens make necessary. Each method
/// relaxes one more thing, and says what is lost by it.
///
/// ```
/// use mcp::JwtProfile;
///
/// // Keycloak, where what a user may do is in the roles of the realm.
/// let keycloak = JwtProfile::keycloak().scope_claim("realm_access.roles");
/// ```
///
/// An `IntrospectionVerifier` takes a profile, too: client, scopes, audience and issuer are read from the answer of the
/// authorization server in the same way.
#[derive(Clone)]
#[must_use = "a profile is given to the builder of a verifier"]
pub struct JwtProfile {
    /// Whose tokens these are, if it is a known provider.
    pub(super) preset: Option<&'static Preset>,
    pub(super) keys: KeyOrigin,
    #[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "only JWTs are signed"))]
    pub(super) algorithms: Vec<JwtAlgorithm>,
    pub(super) plain_typ: bool,
    scope_claims: Vec<ScopeClaim>,
    client_claims: Vec<Cow<'static, str>>,
    /// Texts that `aud` may have instead of the resource.
    pub(super) audiences: Vec<String>,
    /// Which clients' tokens need no `aud`.
    without_audience: Clients,
    /// Set if `aud` may say the client instead of the resource.
    client_as_audience: bool,
    /// Texts that `iss` may have instead of the advertised issuer; with `{tid}` where the tenant stands.
    token_issuers: Vec<String>,
    /// The tenants whose tokens are accepted; all where nobody says which.
    tenants: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "only JWTs are signed"))]
pub(super) enum KeyOrigin {
    Discovery,
    Url(String),
    Fixed(String),
}

/// Clients of an issuer.
#[derive(Debug, Clone, Default)]
struct Clients {
    listed: Option<Vec<String>>,
    are_any: bool,
}

impl Clients {
    fn contain(&self, client: &str) -> bool {
        self.are_any || self.listed().iter().any(|listed| listed == client)
    }

    fn listed(&self) -> &[String] {
        self.listed.as_deref().unwrap_or_default()
    }
}

impl JwtProfile {
    /// Tokens as RFC 9068 has them.
    ///
    /// Logto and Duende IdentityServer issue such tokens, too.
    pub fn rfc9068() -> Self {
        Self {
            preset: None,
            keys: KeyOrigin::Discovery,
            algorithms: JwtAlgorithm::ALL.to_vec(),
            plain_typ: false,
            scope_claims: ScopeClaim::STANDARD.to_vec(),
            client_claims: vec!["client_id".into()],
            audiences: Vec::new(),
            without_audience: Clients::default(),
            client_as_audience: false,
            token_issuers: Vec::new(),
            tenants: None,
        }
    }

    /// Gets the keys from this JWKS URL instead of asking the issuer's metadata where they are.
    ///
    /// Of several issuers, each that has one gets it by `JwtVerifierBuilder::issuer_profile`: whose keys are shared could sign for the others, so that is an error.
    pub fn jwks_url(self, url: impl Into<String>) -> Self {
        Self { keys: KeyOrigin::Url(url.into()), ..self }
    }

    /// Uses the keys of this JWKS (RFC 7517 §5) and never asks anyone. They are replaced by a restart only.
    pub fn jwks(self, json: impl Into<String>) -> Self {
        Self { keys: KeyOrigin::Fixed(json.into()), ..self }
    }

    /// Accepts these algorithms only; all of [`JwtAlgorithm`] by default.
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        Self { algorithms: algorithms.into_iter().collect(), ..self }
    }

    /// Accepts tokens whose header says `"typ": "JWT"`, or nothing, as well as `at+jwt`.
    ///
    /// What tells access tokens from the other tokens of an issuer is then their audience, and what providers write
    /// into them. ID tokens (`at_hash`, `c_hash`, a `nonce` without a scope), logout tokens and other events
    /// (`events`), refresh tokens, and tokens of another kind by `token_use`, Keycloak's `typ`, Descope's `drn` or
    /// PingAM's `tokenName` are refused.
    pub fn allow_plain_typ(self) -> Self {
        Self { plain_typ: true, ..self }
    }

    /// Adds a claim that scopes are read from, beside those that the profile has: the token's scopes are all of them
    /// together. Without a preset these are `scope`, or `scp` where there is no `scope`.
    ///
    /// The claim is a text of scopes with spaces between them, or a list of texts. `name` is the name of a claim, which
    /// may have dots and slashes in it (`https://example.com/roles`). Where there is none of that name, it is a path with
    /// dots into an object: `realm_access.roles`. A token without the claim has no scopes from it, which is logged at
    /// debug level.
    ///
    /// Roles and permissions are what a user may do; scopes are what the user lets a client do. Read as scopes, they
    /// give every client of the user all of it.
    pub fn scope_claim(mut self, name: impl Into<String>) -> Self {
        self.scope_claims.push(ScopeClaim::named_by_operator(name.into()));
        self
    }

    /// Adds a claim that is an object whose members are named after scopes, as ZITADEL writes roles; otherwise as
    /// [`scope_claim`](Self::scope_claim).
    pub fn scope_keys(mut self, name: impl Into<String>) -> Self {
        self.scope_claims.push(ScopeClaim::named_by_operator(name.into()).of_keys());
        self
    }

    /// Reads the scopes from these claims and from no others.
    pub fn only_scope_claims<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.scope_claims = names.into_iter().map(|name| ScopeClaim::named_by_operator(name.into())).collect();
        self
    }

    /// Reads the OAuth client from this claim; from `client_id` by default.
    pub fn client_claim(self, name: impl Into<String>) -> Self {
        self.client_claims([name])
    }

    /// Reads the OAuth client from the first of these claims that is in the token. A token in which two of them name
    /// different clients is refused.
    pub fn client_claims<T: Into<String>>(self, names: impl IntoIterator<Item = T>) -> Self {
        Self { client_claims: names.into_iter().map(|name| Cow::Owned(name.into())).collect(), ..self }
    }

    /// Accepts this audience as a name of the server's resource, for providers that have identifiers of their own for
    /// it. It must be this server's alone: whoever gets a token for it can call this server.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens without an audience that were issued to one of these clients, for providers that leave `aud`
    /// out or empty. Any resource that such a client sends its token to can then use it here, so these must be clients
    /// that talk to this server alone.
    ///
    /// Together with [`accept_any_client_without_audience`](Self::accept_any_client_without_audience), it is an error of
    /// the builder.
    pub fn accept_clients_without_audience<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        let listed = self.without_audience.listed.get_or_insert_default();
        listed.extend(clients.into_iter().map(Into::into));
        self
    }

    /// Accepts tokens without an audience of any client of the issuer, for providers that leave `aud` out and whose
    /// clients register themselves.
    ///
    /// Any resource that any of these clients sends its token to can then use it here. That is right only for an issuer
    /// whose every client talks to this server alone.
    pub fn accept_any_client_without_audience(mut self) -> Self {
        self.without_audience.are_any = true;
        self
    }

    /// Accepts tokens whose audience is the client that they were issued to, of any client of the issuer, for providers
    /// that know no other audience.
    ///
    /// Any resource that any of these clients sends its token to can then use it here. To accept it of one client alone,
    /// pass the client's id to [`accept_audience`](Self::accept_audience).
    pub fn accept_client_as_audience(self) -> Self {
        Self { client_as_audience: true, ..self }
    }

    /// Accepts this `iss` as a name of the issuer that clients are sent to, for providers that write another one into
    /// tokens than they publish. The keys are those of the published issuer.
    ///
    /// `{tid}` stands for the tenant: the token's claim `tid` must be there, and the same as in its `iss`. See
    /// [`tenants`](Self::tenants).
    pub fn token_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.token_issuers.push(issuer.into());
        self
    }

    /// Accepts tokens of these tenants only, which is compared with the claim `tid`. Without it, every tenant that the
    /// issuer is for is accepted: with Entra ID and `https://login.microsoftonline.com/organizations/v2.0`, every
    /// organisation that there is. A list that is empty is an error of the builder.
    pub fn tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants.get_or_insert_default().extend(tenants.into_iter().map(Into::into));
        self
    }

    /// Refuses settings that come from an environment variable that is not set, and those that contradict each other.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.without_audience.are_any && self.without_audience.listed.is_some() {
            return Err(Problem::ListedAndAnyClients);
        }
        let tenants = self.tenants.as_deref();
        let is_empty = |texts: &[String]| texts.iter().any(String::is_empty);
        let checks = [
            ("accepted audience", is_empty(&self.audiences)),
            ("client whose tokens need no audience", is_empty(self.without_audience.listed())),
            ("issuer of tokens", is_empty(&self.token_issuers)),
            ("tenant", tenants.is_some_and(is_empty)),
            ("list of tenants", tenants.is_some_and(<[String]>::is_empty)),
            ("name of a scope claim", self.scope_claims.iter().any(|claim| claim.name().is_empty())),
            ("name of the client claim", self.client_claims.is_empty() || self.client_claims.contains(&"".into())),
        ];
        match checks.into_iter().find(|(_, is_empty)| *is_empty) {
            Some((name, _)) => Err(Problem::Empty { name }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for JwtProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtProfile")
            .field("preset", &self.preset.map_or("rfc9068()", |preset| preset.constructor))
            .field("client_claims", &self.client_claims)
            .field("scope_claims", &self.scope_claims.iter().map(ScopeClaim::name).collect::<Vec<_>>())
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}

impl Default for JwtProfile {
    /// [`JwtProfile::rfc9068`].
    fn default() -> Self {
        Self::rfc9068()
    }
}
