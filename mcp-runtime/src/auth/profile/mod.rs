//! The form of a provider's tokens, for JWTs and for introspection.

#[cfg(feature = "jwt")]
mod alternatives;
mod grant;
mod preset;
mod presets;
mod scopes;
mod token_issuers;

use std::borrow::Cow;
use std::fmt;

pub(super) use self::grant::{Grant, Reader};
use self::preset::Preset;
use self::scopes::ScopeClaim;
pub(super) use self::token_issuers::{TokenIssuers, unknown_issuer};
use super::JwtAlgorithm;
use super::verifier_error::Problem;

/// The form of an issuer's tokens, and the location of its keys.
///
/// The default is RFC 9068, the standard for JWT access tokens, with keys by discovery (RFC 8414, then OpenID Connect
/// Discovery). Identity providers that differ have presets, such as [`entra`](Self::entra) or
/// [`keycloak`](Self::keycloak), each of which relaxes only what its provider's tokens need. Each method relaxes one more
/// rule, and names the risk.
///
/// ```
/// use mcp::JwtProfile;
///
/// // Keycloak, with the roles of the realm as scopes.
/// let keycloak = JwtProfile::keycloak().scope_claim("realm_access.roles");
/// ```
///
/// An `IntrospectionVerifier` takes a profile, too, by which it reads client, scopes, audience and issuer from the answer
/// of the authorization server.
#[derive(Clone)]
#[must_use = "a profile is given to the builder of a verifier"]
pub struct JwtProfile {
    /// The preset of the provider, if there is one.
    pub(super) preset: Option<&'static Preset>,
    pub(super) keys: KeyOrigin,
    #[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "only JWTs are signed"))]
    pub(super) algorithms: Vec<JwtAlgorithm>,
    pub(super) plain_typ: bool,
    scope_claims: Vec<ScopeClaim>,
    client_claims: Vec<Cow<'static, str>>,
    /// The texts that `aud` may have instead of the resource.
    pub(super) audiences: Vec<String>,
    /// The clients whose tokens need no `aud`.
    without_audience: Clients,
    /// Set if `aud` may be the client instead of the resource.
    client_as_audience: bool,
    /// The further names of the issuer in tokens, with `{tid}` for the tenant.
    token_issuers: Vec<String>,
    /// The tenants whose tokens are accepted; `None` accepts all.
    tenants: Option<Vec<String>>,
}

/// The location of an issuer's keys.
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
    /// Returns the profile of RFC 9068, the standard for JWT access tokens.
    ///
    /// Logto and Duende IdentityServer issue such tokens.
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

    /// Fetches the keys from this URL instead of that in the metadata.
    ///
    /// With several issuers, set it by `JwtVerifierBuilder::issuer_profile`. Keys of several issuers at once are an error,
    /// because each issuer could sign for the others.
    pub fn jwks_url(self, url: impl Into<String>) -> Self {
        Self { keys: KeyOrigin::Url(url.into()), ..self }
    }

    /// Uses the keys of a JWKS (RFC 7517 §5) and never fetches any. New keys take a restart.
    pub fn jwks(self, json: impl Into<String>) -> Self {
        Self { keys: KeyOrigin::Fixed(json.into()), ..self }
    }

    /// Limits the algorithms that are accepted. Defaults to all of [`JwtAlgorithm`].
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        Self { algorithms: algorithms.into_iter().collect(), ..self }
    }

    /// Accepts tokens with the `typ` `JWT`, or without one, too.
    ///
    /// Then only the audience and the claims tell access tokens from the other tokens of an issuer. Still refused are:
    ///
    /// - ID tokens, by an `at_hash`, a `c_hash`, or a `nonce` without a scope;
    /// - logout tokens and other events, by their `events`;
    /// - refresh tokens and tokens of another kind, by `token_use`, Keycloak's `typ`, Descope's `drn` or PingAM's
    ///   `tokenName`.
    pub fn allow_plain_typ(self) -> Self {
        Self { plain_typ: true, ..self }
    }

    /// Adds a claim that scopes are read from.
    ///
    /// A token has the scopes of all these claims together. Without a preset they are `scope`, or `scp` if there is no
    /// `scope`. The claim is a text with spaces between the scopes, or a list of texts. A token without the claim has no
    /// scopes from it, which is logged at debug level.
    ///
    /// `name` is the name of a claim, which may have dots and slashes in it (`https://example.com/roles`). If there is no
    /// claim of that name, it is a path with dots into an object: `realm_access.roles`.
    ///
    /// Roles and permissions are the rights of a user, and scopes are those that the user grants a client. Read as scopes,
    /// roles give every client of the user all rights.
    pub fn scope_claim(mut self, name: impl Into<String>) -> Self {
        self.scope_claims.push(ScopeClaim::named_by_operator(name.into()));
        self
    }

    /// Adds a claim whose members are named after scopes, like ZITADEL's roles.
    ///
    /// In all else, it is the same as [`scope_claim`](Self::scope_claim).
    pub fn scope_keys(mut self, name: impl Into<String>) -> Self {
        self.scope_claims.push(ScopeClaim::named_by_operator(name.into()).of_keys());
        self
    }

    /// Replaces the claims that scopes are read from.
    pub fn only_scope_claims<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.scope_claims = names.into_iter().map(|name| ScopeClaim::named_by_operator(name.into())).collect();
        self
    }

    /// Sets the claim that the OAuth client is read from. Defaults to `client_id`.
    pub fn client_claim(self, name: impl Into<String>) -> Self {
        self.client_claims([name])
    }

    /// Sets the claims that the OAuth client is read from, in order.
    ///
    /// A token in which two of them name different clients is refused.
    pub fn client_claims<T: Into<String>>(self, names: impl IntoIterator<Item = T>) -> Self {
        Self { client_claims: names.into_iter().map(|name| Cow::Owned(name.into())).collect(), ..self }
    }

    /// Accepts an audience as a name of the server's resource.
    ///
    /// It is for providers with identifiers of their own for the resource. It must be this server's alone, because whoever
    /// gets a token for it can call this server.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens of these clients that have no audience.
    ///
    /// It is for providers that write no `aud`, or an empty one. Any resource that such a client sends its token to can
    /// then use the token here, so the clients must talk to this server alone.
    ///
    /// Together with [`accept_any_client_without_audience`](Self::accept_any_client_without_audience), it is an error of
    /// the builder.
    pub fn accept_clients_without_audience<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        let listed = self.without_audience.listed.get_or_insert_default();
        listed.extend(clients.into_iter().map(Into::into));
        self
    }

    /// Accepts tokens without an audience of any client of the issuer.
    ///
    /// It is for providers that write no `aud` and whose clients register themselves. Any resource that any of these
    /// clients sends its token to can then use the token here. That is right only for an issuer whose every client talks to
    /// this server alone.
    pub fn accept_any_client_without_audience(mut self) -> Self {
        self.without_audience.are_any = true;
        self
    }

    /// Accepts tokens whose audience is the client that they were issued to.
    ///
    /// It is for providers without any other audience. Any resource that any client of the issuer sends its token to can
    /// then use the token here. To accept tokens of one client alone, pass its id to
    /// [`accept_audience`](Self::accept_audience).
    pub fn accept_client_as_audience(self) -> Self {
        Self { client_as_audience: true, ..self }
    }

    /// Accepts an `iss` as a name of the published issuer.
    ///
    /// It is for providers that write another issuer into tokens than they publish. The keys are those of the published
    /// one.
    ///
    /// `{tid}` stands for the tenant: the token needs a claim `tid`, which must be the tenant in its `iss`. See
    /// [`tenants`](Self::tenants).
    pub fn token_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.token_issuers.push(issuer.into());
        self
    }

    /// Accepts only tokens whose `tid` is one of these tenants.
    ///
    /// Without it, every tenant of the issuer is accepted: with Entra ID and
    /// `https://login.microsoftonline.com/organizations/v2.0`, every organisation that there is. An empty list is an error
    /// of the builder.
    pub fn tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants.get_or_insert_default().extend(tenants.into_iter().map(Into::into));
        self
    }

    /// Checks that no setting is empty, and that none contradicts another.
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
    /// Returns [`JwtProfile::rfc9068`].
    fn default() -> Self {
        Self::rfc9068()
    }
}
