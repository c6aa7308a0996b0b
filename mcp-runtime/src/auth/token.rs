//! A verified access token, as handlers see it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Confirmation;
use super::hierarchy::ScopeHierarchy;
use super::token_claims::TokenClaims;

/// A verified access token: its client, its scopes and its claims.
///
/// A token is one of this server's own ([`ours`](Self::ours)), or was issued for an audience
/// ([`issued_for`](Self::issued_for)). There is no third kind, because a server must validate that a token was issued for
/// it (MCP, "Authorization": "Token Handling").
///
/// A handler takes a `&AccessToken` as a parameter, or gets it by [`access_token`](crate::access_token). It can be printed
/// and passed on, because the raw token is not in it. Clones are cheap.
///
/// ```
/// use mcp::AccessToken;
///
/// // A token of this server's own table or database, and one that an authorization server issued for this resource.
/// let own = AccessToken::ours("alice").with_scopes("notes:read notes:write");
/// let token = AccessToken::issued_for("https://notes.example.com/mcp", "alice")
///     .with_scopes(["notes:read"])
///     .with_subject("user-17");
/// assert_eq!(token.client_id, own.client_id);
/// assert!(token.has_scope("notes:read"));
/// assert_eq!(token.subject.as_deref(), Some("user-17"));
/// ```
#[derive(Clone)]
pub struct AccessToken {
    info: Arc<TokenInfo>,
    /// The hierarchy of scopes of the server that admitted the token.
    hierarchy: Option<Arc<ScopeHierarchy>>,
}

/// The fields of an [`AccessToken`], which dereferences to this.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// The OAuth client; empty if an authorization server does not name it.
    pub client_id: String,
    /// The scopes that were granted, in the order of the token.
    pub scopes: Vec<String>,
    /// The user, if there is one (RFC 9068 §2.2 `sub`).
    pub subject: Option<String>,
    /// The time from which on the token is refused.
    pub expires_at: Option<SystemTime>,
    /// The resources that the token is for; empty for [`AccessToken::ours`].
    pub audience: Vec<String>,
    /// The issuer of the token, by the name that this server publishes.
    ///
    /// A token of any other issuer is refused. Several tenants can have the same issuer, each with users of its own: keep
    /// users apart by [`authority`](Self::authority) and [`subject`](Self::subject).
    pub issuer: Option<String>,
    /// The claims of the JWT or the introspection, which [`claims`](Self::claims) reads.
    claims: TokenClaims,
    /// The issuer by the token's own name, if that differs from `issuer`.
    authority: Option<String>,
    use_rule: UseRule,
}

/// The rule by which a server admits a token.
///
/// One value, so that a token that needs a proof is never admitted by its audience alone.
#[derive(Clone, PartialEq)]
enum UseRule {
    /// A bearer token, which is for its audience.
    Issued,
    /// A bearer token of this server's own, which needs no audience.
    Ours,
    /// A token that is bound to a key, and needs a proof.
    Bound { confirmation: Confirmation, is_ours: bool },
}

impl AccessToken {
    /// Creates a token of this server's own, for example of a database.
    ///
    /// Such a token needs no audience, because it exists for this server alone. Use [`issued_for`](Self::issued_for) for a
    /// token that another party issues.
    pub fn ours(client_id: impl Into<String>) -> Self {
        TokenInfo::new(client_id.into(), Vec::new(), UseRule::Ours).into_token()
    }

    /// Creates a token that another party issued for `audience`.
    ///
    /// The token is refused unless this server's `resource` is in `audience` (RFC 8707 §2, RFC 9068 §4; MCP,
    /// "Authorization": "Token Handling"). So is a token with an empty audience. A resource that is an origin has two
    /// names, with and without a slash at the end (RFC 3986 §6.2.3).
    pub fn issued_for(audience: impl IntoAudience, client_id: impl Into<String>) -> Self {
        TokenInfo::new(client_id.into(), audience.into_audience(), UseRule::Issued).into_token()
    }

    /// Sets the scopes: a list, or a text with spaces.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoScopes) -> Self {
        self.with(|info| info.scopes = scopes.into_scopes())
    }

    /// Sets the user.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        self.with(|info| info.subject = Some(subject.into()))
    }

    /// Sets the time at which the token expires.
    #[must_use]
    pub fn with_expires_at(self, time: SystemTime) -> Self {
        self.with(|info| info.expires_at = Some(time))
    }

    /// Sets the issuer, by the name that this server publishes.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with(|info| info.issuer = Some(issuer.into()))
    }

    /// Sets the [`authority`](TokenInfo::authority), if it differs from the [`issuer`](TokenInfo::issuer).
    ///
    /// That is the case where several tenants have the same issuer.
    #[must_use]
    pub fn with_authority(self, authority: impl Into<String>) -> Self {
        self.with(|info| info.authority = Some(authority.into()))
    }

    /// Binds the token to a key.
    ///
    /// Each request with it needs a proof that the client has the key (DPoP, RFC 9449), and a server whose `#[mcp::server]`
    /// does not declare `dpop` refuses it. [`Confirmation`] has an example.
    #[must_use]
    pub fn with_confirmation(self, confirmation: Confirmation) -> Self {
        self.with(|info| info.use_rule = UseRule::Bound { confirmation, is_ours: info.is_ours() })
    }

    /// Adds a claim. To add many, [`with_claims`](Self::with_claims) costs less.
    #[must_use]
    pub fn with_claim(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(|info| info.claims.insert(name.into(), &value.into()))
    }

    /// Replaces all claims, for example by those of a JWT.
    #[must_use]
    pub fn with_claims(self, claims: Map<String, Value>) -> Self {
        self.with_parsed_claims(TokenClaims::of(claims))
    }

    /// Replaces all claims.
    pub(super) fn with_parsed_claims(self, claims: TokenClaims) -> Self {
        self.with(|info| info.claims = claims)
    }

    /// Returns `true` if the token has a scope, or a broader one of the server's `hierarchy`.
    ///
    /// This is what the `scopes` of tools and other items need. The hierarchy is known once the server has admitted the
    /// token; elsewhere, such as in a verifier, the scope itself is needed, as by [`has_scope`](TokenInfo::has_scope).
    ///
    /// ```
    /// fn may_close(token: &mcp::AccessToken) -> bool {
    ///     token.allows("issues:write")
    /// }
    /// # assert!(may_close(&mcp::AccessToken::ours("alice").with_scopes("issues:read issues:write")));
    /// ```
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        match &self.hierarchy {
            Some(hierarchy) => hierarchy.satisfies(&self.scopes, scope),
            None => self.has_scope(scope),
        }
    }

    /// Returns the token with the hierarchy of the server that admits it.
    pub(crate) fn with_hierarchy(self, hierarchy: &Arc<ScopeHierarchy>) -> Self {
        Self { hierarchy: Some(Arc::clone(hierarchy)), ..self }
    }

    /// Returns `true` if the token is for `resource`.
    #[cfg(feature = "http")]
    pub(crate) fn is_for(&self, resource: &str) -> bool {
        self.is_ours() || self.info.has_audience(resource)
    }

    /// Returns `true` if the token is for `resource`, without a proof.
    #[cfg(feature = "http")]
    pub(crate) fn is_bearer_for(&self, resource: &str) -> bool {
        match self.info.use_rule {
            UseRule::Issued => self.info.has_audience(resource),
            UseRule::Ours => true,
            UseRule::Bound { .. } => false,
        }
    }

    /// Returns the approximate size of the token in memory.
    #[cfg(feature = "http")]
    pub(super) fn bytes(&self) -> usize {
        let info = &self.info;
        let texts =
            info.scopes.iter().chain(&info.audience).chain(&info.subject).chain(&info.issuer).chain(&info.authority);
        size_of::<TokenInfo>() + texts.map(|text| size_of::<String>() + text.len()).sum::<usize>() + info.claims.bytes()
    }

    fn with(mut self, change: impl FnOnce(&mut TokenInfo)) -> Self {
        change(Arc::make_mut(&mut self.info));
        self
    }
}

/// A list of scopes, or one text with spaces (RFC 6749 §3.3).
///
/// Lists are arrays, slices and vectors of texts. An implementation for your own type lists its scopes:
///
/// ```
/// use mcp::{AccessToken, IntoScopes};
///
/// enum Rights {
///     Reader,
///     Writer,
/// }
///
/// impl IntoScopes for Rights {
///     fn into_scopes(self) -> Vec<String> {
///         match self {
///             Self::Reader => "notes:read".into_scopes(),
///             Self::Writer => "notes:read notes:write".into_scopes(),
///         }
///     }
/// }
///
/// assert_eq!(AccessToken::ours("alice").with_scopes(Rights::Writer).scopes, ["notes:read", "notes:write"]);
/// # let _ = Rights::Reader;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of scopes",
    label = "not scopes",
    note = "write each scope on its own, `[\"notes:read\", \"notes:write\"]`, or pass the text of an OAuth `scope`, with spaces"
)]
pub trait IntoScopes {
    /// Returns the list of scopes.
    fn into_scopes(self) -> Vec<String>;
}

/// The audience of a token: a text, or a list of texts (RFC 7519 §4.1.3).
///
/// Lists are arrays, slices and vectors of texts. An implementation for your own type lists its resources:
///
/// ```
/// use mcp::{AccessToken, IntoAudience};
///
/// struct Audience {
///     resource: String,
/// }
///
/// impl IntoAudience for Audience {
///     fn into_audience(self) -> Vec<String> {
///         vec![self.resource]
///     }
/// }
///
/// let audience = Audience { resource: "https://notes.example.com/mcp".to_owned() };
/// assert_eq!(AccessToken::issued_for(audience, "alice").audience, ["https://notes.example.com/mcp"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no audience of a token",
    label = "not an audience",
    note = "pass the `aud` of the token: a text, or a list of texts; for a token of this server's own table, write `mcp::AccessToken::ours(…)`"
)]
pub trait IntoAudience {
    /// Returns the list of resources.
    fn into_audience(self) -> Vec<String>;
}

impl IntoScopes for &str {
    fn into_scopes(self) -> Vec<String> {
        self.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    }
}

impl IntoScopes for String {
    fn into_scopes(self) -> Vec<String> {
        self.as_str().into_scopes()
    }
}

impl IntoScopes for &String {
    fn into_scopes(self) -> Vec<String> {
        self.as_str().into_scopes()
    }
}

impl IntoAudience for &str {
    fn into_audience(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl IntoAudience for String {
    fn into_audience(self) -> Vec<String> {
        vec![self]
    }
}

impl IntoAudience for &String {
    fn into_audience(self) -> Vec<String> {
        vec![self.clone()]
    }
}

/// Implements both traits for lists.
macro_rules! lists {
    ($([$($generics:tt)*] $list:ty: $items:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoScopes for $list {
            fn into_scopes(self) -> Vec<String> {
                $items(self).map(Into::into).collect()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoAudience for $list {
            fn into_audience(self) -> Vec<String> {
                $items(self).map(Into::into).collect()
            }
        }
    )*};
}

lists! {
    [T: Into<String>] Vec<T>: IntoIterator::into_iter;
    [T: Into<String>, const N: usize] [T; N]: IntoIterator::into_iter;
    [T: Clone + Into<String>] &[T]: |list: Self| list.iter().cloned();
    [T: Clone + Into<String>, const N: usize] &[T; N]: |list: Self| list.iter().cloned();
}

impl TokenInfo {
    fn new(client_id: String, audience: Vec<String>, use_rule: UseRule) -> Self {
        Self {
            client_id,
            scopes: Vec::new(),
            subject: None,
            expires_at: None,
            audience,
            issuer: None,
            authority: None,
            claims: TokenClaims::default(),
            use_rule,
        }
    }

    /// Converts the content of a token. Rustc reports a private `AccessToken::new` in place of the public constructors.
    fn into_token(self) -> AccessToken {
        AccessToken { info: Arc::new(self), hierarchy: None }
    }

    /// Returns the authority within which [`subject`](Self::subject) and [`client_id`](Self::client_id) are unique.
    ///
    /// It is the `iss` of the token (OpenID Connect Core §5.7). That differs from [`issuer`](Self::issuer) if the issuer is
    /// for several tenants (Entra ID), or writes another name into tokens ([`JwtProfile::token_issuer`]). For an
    /// introspected token without an `iss`, it is the tenant, if there is one. It is `None` for a token without an issuer.
    ///
    /// [`JwtProfile::token_issuer`]: https://docs.rs/mcp/latest/mcp/struct.JwtProfile.html#method.token_issuer
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref().or(self.issuer.as_deref())
    }

    /// Returns the confirmation of a token that is bound to a key, or `None` for a bearer token.
    #[must_use]
    pub fn confirmation(&self) -> Option<&Confirmation> {
        match &self.use_rule {
            UseRule::Bound { confirmation, .. } => Some(confirmation),
            UseRule::Issued | UseRule::Ours => None,
        }
    }

    fn is_ours(&self) -> bool {
        matches!(self.use_rule, UseRule::Ours | UseRule::Bound { is_ours: true, .. })
    }

    #[cfg(feature = "http")]
    fn has_audience(&self, resource: &str) -> bool {
        self.audience.iter().any(|audience| mcp_core::Resource::is_named(resource, audience))
    }

    /// Returns `true` if exactly this scope was granted.
    ///
    /// The server's hierarchy of scopes does not count here; [`AccessToken::allows`] knows it.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// Reads the claims of the JWT or the introspection into a type of yours, which may skip some.
    ///
    /// They are kept as text, and parsed by each call. A `serde_json::Map<String, serde_json::Value>` has all of them. A
    /// verifier of your own can add any ([`AccessToken::with_claim`]).
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Claims {
    ///     tenant: String,
    ///     #[serde(default)]
    ///     groups: Vec<String>,
    /// }
    ///
    /// fn tenant(token: &mcp::AccessToken) -> Result<String, mcp::Error> {
    ///     let claims: Claims = token.claims().map_err(|_| mcp::Error::tool("your token names no tenant"))?;
    ///     Ok(claims.tenant)
    /// }
    ///
    /// let token = mcp::AccessToken::ours("alice").with_claim("tenant", "acme").with_claim("plan", "gold");
    /// assert_eq!(tenant(&token).unwrap(), "acme");
    /// assert!(token.claims::<Claims>().unwrap().groups.is_empty());
    /// ```
    ///
    /// # Errors
    /// A claim is missing or has another type. The message may quote the value of a claim. That is why `?` alone does not
    /// make it an [`Error`](struct@crate::Error) for the client: map it to one without secrets.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        self.claims.read()
    }
}

impl Deref for AccessToken {
    type Target = TokenInfo;

    fn deref(&self) -> &TokenInfo {
        &self.info
    }
}

/// Tokens with the same content are equal, whoever admitted them.
impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

/// Prints the names of the claims without their values, which can be personal.
impl fmt::Debug for TokenInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AccessToken");
        shown
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .field("audience", &self.audience)
            .field("issuer", &self.issuer);
        if let Some(authority) = &self.authority {
            shown.field("authority", authority);
        }
        shown.field("claims", &self.claims.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_audiences_are_texts_or_lists() {
        let scopes = ["a", "b"];
        for token in [
            AccessToken::ours("c").with_scopes(scopes),
            AccessToken::ours("c").with_scopes(" a  b "),
            AccessToken::ours("c").with_scopes("a b".to_owned()),
            AccessToken::ours("c").with_scopes(&scopes[..]),
            AccessToken::ours("c").with_scopes(scopes.map(str::to_owned).to_vec()),
        ] {
            assert_eq!(token.scopes, scopes);
        }
        assert_eq!(AccessToken::issued_for("a b", "c").audience, ["a b"]);
        assert_eq!(AccessToken::issued_for(scopes, "c").audience, scopes);
    }

    #[test]
    #[cfg(feature = "http")]
    fn a_token_is_ours_or_for_a_resource() {
        assert!(AccessToken::ours("c").is_for("https://a"));
        assert!(AccessToken::issued_for(["https://b", "https://a"], "c").is_for("https://a"));
        assert!(AccessToken::issued_for("https://a/", "c").is_for("https://a"));
        assert!(!AccessToken::issued_for("https://a/b/", "c").is_for("https://a/b"));
        assert!(!AccessToken::issued_for([""; 0], "c").is_for("https://a"));
        assert!(!AccessToken::issued_for("", "c").is_for("https://a"));
    }
}
