use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a verifier found out about a bearer token: who it is for and what it allows.
///
/// A handler takes it as a `&AccessToken` parameter or asks for it with [`access_token`](crate::access_token).
/// The raw token is not in it, so it can be printed and passed on without care. Clones are cheap.
///
/// ```
/// use mcp::AccessToken;
///
/// let token = AccessToken::new("alice").scopes(["notes:read"]).subject("user-17");
/// assert_eq!(token.client_id, "alice");
/// assert!(token.has_scope("notes:read"));
/// assert_eq!(token.subject.as_deref(), Some("user-17"));
/// ```
#[derive(Clone, PartialEq)]
pub struct AccessToken(Arc<TokenInfo>);

/// The fields of an [`AccessToken`], which dereferences to this.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// The OAuth client that the token was issued to; empty when an authorization server does not say.
    pub client_id: String,
    /// The scopes that were granted, in the order of the token.
    pub scopes: Vec<String>,
    /// The user, if there is one (RFC 9068 §2.2 `sub`).
    pub subject: Option<String>,
    /// When the token stops being good; the guard refuses it from then on.
    pub expires_at: Option<SystemTime>,
    /// The resources that the token is for; the guard refuses it when there are some and this server's is not one.
    pub audience: Vec<String>,
    /// The authorization server that issued it; the guard refuses it when that is not one of this server's.
    pub issuer: Option<String>,
    /// Everything that a JWT or the answer to an introspection claims, or what a verifier of your own put here;
    /// [`claims`](Self::claims) reads it into a type.
    pub claims: Map<String, Value>,
}

impl AccessToken {
    /// A token of this OAuth client, without scopes.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self(Arc::new(TokenInfo {
            client_id: client_id.into(),
            scopes: Vec::new(),
            subject: None,
            expires_at: None,
            audience: Vec::new(),
            issuer: None,
            claims: Map::new(),
        }))
    }

    /// Sets the granted scopes, each on its own.
    #[must_use]
    pub fn scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.with(|info| info.scopes = scopes.into_iter().map(Into::into).collect())
    }

    /// Sets the user.
    #[must_use]
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.with(|info| info.subject = Some(subject.into()))
    }

    /// Sets the end of the token's life.
    #[must_use]
    pub fn expires_at(self, time: SystemTime) -> Self {
        self.with(|info| info.expires_at = Some(time))
    }

    /// Sets the resources that the token is for.
    #[must_use]
    pub fn audience<T: Into<String>>(self, audience: impl IntoIterator<Item = T>) -> Self {
        self.with(|info| info.audience = audience.into_iter().map(Into::into).collect())
    }

    /// Sets the authorization server that issued the token.
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.with(|info| info.issuer = Some(issuer.into()))
    }

    /// Adds a claim.
    #[must_use]
    pub fn claim(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(|info| {
            info.claims.insert(name.into(), value.into());
        })
    }

    /// Sets all claims at once, such as the ones of a JWT.
    #[must_use]
    pub fn claims_map(self, claims: Map<String, Value>) -> Self {
        self.with(|info| info.claims = claims)
    }

    fn with(mut self, change: impl FnOnce(&mut TokenInfo)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl TokenInfo {
    /// Whether exactly this scope was granted. The server's hierarchy does not count here, only in the guard.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// Reads the claims into a type of yours. Claims that it does not name are skipped.
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
    /// let token = mcp::AccessToken::new("alice").claim("tenant", "acme").claim("plan", "gold");
    /// assert_eq!(tenant(&token).unwrap(), "acme");
    /// assert!(token.claims::<Claims>().unwrap().groups.is_empty());
    /// ```
    ///
    /// # Errors
    /// When a claim is missing or has another type. The message may quote the value of a claim, which is why `?` alone does
    /// not make it an [`Error`](struct@crate::Error) for the client: map it to one that says what they may know.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.claims)
    }
}

impl Deref for AccessToken {
    type Target = TokenInfo;

    fn deref(&self) -> &TokenInfo {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Claims are listed by name only: their values can be personal.
impl fmt::Debug for TokenInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .field("audience", &self.audience)
            .field("issuer", &self.issuer)
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_set_one_by_one_or_at_once_and_read_into_a_type() {
        let Value::Object(map) = json!({"a": 1, "b": 2}) else { panic!("an object") };
        let token = AccessToken::new("alice").claim("c", 3).claims_map(map).claim("b", 4);
        let claims: BTreeMap<String, u8> = token.claims().expect("small numbers");
        assert_eq!(claims, BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 4)]));
        assert!(token.claim("d", "text").claims::<BTreeMap<String, u8>>().is_err());
    }
}
