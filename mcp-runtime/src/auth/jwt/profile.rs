use super::JwtAlgorithm;

/// How the tokens of an issuer look, and where its keys are.
///
/// The default is the standard for JWT access tokens, RFC 9068, with keys by discovery (RFC 8414, then OpenID Connect
/// Discovery). Each method relaxes one thing for identity providers that differ, and says what is lost by it.
///
/// ```
/// use mcp::JwtProfile;
///
/// // Keycloak without "Use at+jwt as access token header type".
/// let keycloak = JwtProfile::rfc9068().allow_plain_typ().client_claim("azp");
/// ```
#[derive(Debug, Clone)]
#[must_use = "a profile is given to `JwtVerifierBuilder::profile`"]
pub struct JwtProfile {
    pub(super) keys: KeyOrigin,
    pub(super) algorithms: Vec<JwtAlgorithm>,
    pub(super) plain_typ: bool,
    pub(super) scope_claims: Vec<String>,
    pub(super) client_claim: String,
    /// What `aud` may say instead of the resource.
    pub(super) audiences: Vec<String>,
    /// The clients whose tokens need no `aud`.
    pub(super) clients: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) enum KeyOrigin {
    Discovery,
    Url(String),
    Fixed(String),
}

impl JwtProfile {
    /// Tokens as RFC 9068 has them.
    pub fn rfc9068() -> Self {
        Self {
            keys: KeyOrigin::Discovery,
            algorithms: JwtAlgorithm::ALL.to_vec(),
            plain_typ: false,
            scope_claims: vec!["scope".to_owned(), "scp".to_owned()],
            client_claim: "client_id".to_owned(),
            audiences: Vec::new(),
            clients: Vec::new(),
        }
    }

    /// Gets the keys from this JWKS URL instead of asking the issuer's metadata where they are.
    ///
    /// Of several issuers, each that has one gets it by [`issuer_profile`](crate::JwtVerifierBuilder::issuer_profile):
    /// whose keys are shared could sign for the others, so that is an error.
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
    /// What tells access tokens from the other tokens of an issuer is then their audience, and what some providers
    /// write into them: tokens with `at_hash` or `c_hash`, with a `token_use` that is not `access`, or with Keycloak's
    /// `typ` of another kind are refused.
    pub fn allow_plain_typ(self) -> Self {
        Self { plain_typ: true, ..self }
    }

    /// Reads the scopes from this claim; by default from `scope`, or from `scp` where there is none. It is a string of
    /// scopes with spaces between them, or a list of strings.
    pub fn scope_claim(self, name: impl Into<String>) -> Self {
        Self { scope_claims: vec![name.into()], ..self }
    }

    /// Reads the OAuth client from this claim; from `client_id` by default.
    pub fn client_claim(self, name: impl Into<String>) -> Self {
        Self { client_claim: name.into(), ..self }
    }

    /// Accepts this audience as a name of the server's resource, for providers that have identifiers of their own for
    /// it. It must be this server's alone: whoever gets a token for it can call this server.
    pub fn accept_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens without an audience that were issued to one of these clients, for providers that leave `aud`
    /// out. Any resource that such a client sends its token to can then use it here, so these must be clients that talk
    /// to this server alone.
    pub fn accept_clients_without_audience<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        self.clients.extend(clients.into_iter().map(Into::into));
        self
    }
}

impl Default for JwtProfile {
    /// [`JwtProfile::rfc9068`].
    fn default() -> Self {
        Self::rfc9068()
    }
}
