//! The rights that a token grants by its claims or its introspection.

use serde_json::{Map, Value};

use super::JwtProfile;
use super::scopes::{Recipient, ScopeClaim, find, has_any, read_scopes};
use crate::auth::claims::{audience_with, read_texts, wrong_type};
use crate::auth::{AccessToken, Confirmation, TokenError};

/// A reader of claims by a profile.
#[derive(Clone, Copy)]
pub(in crate::auth) struct Reader<'a> {
    pub(in crate::auth) profile: &'a JwtProfile,
    pub(in crate::auth) resource: &'a str,
    /// Set if the server accepts tokens that are bound to a key.
    pub(in crate::auth) accepts_bound: bool,
}

/// The rights that a token grants to a client.
pub(in crate::auth) struct Grant {
    /// `None` for a client whose tokens need no audience.
    audience: Option<Vec<String>>,
    client: String,
    scopes: Vec<String>,
    confirmation: Option<Confirmation>,
}

impl Grant {
    pub(in crate::auth) fn new(
        audience: Option<Vec<String>>,
        client: &str,
        scopes: Vec<String>,
        confirmation: Option<Confirmation>,
    ) -> Self {
        Self { audience, client: client.to_owned(), scopes, confirmation }
    }

    pub(in crate::auth) fn into_token(self) -> AccessToken {
        let token = match self.audience {
            Some(audience) => AccessToken::issued_for(audience, self.client),
            None => AccessToken::ours(self.client),
        };
        let token = token.with_scopes(self.scopes);
        match self.confirmation {
            Some(confirmation) => token.with_confirmation(confirmation),
            None => token,
        }
    }
}

impl<'a> Reader<'a> {
    /// Returns the confirmation of a token that needs a proof (RFC 9449 §6, RFC 8705 §3).
    ///
    /// A server without proofs refuses such a token.
    pub(in crate::auth) fn confirmation(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<Option<Confirmation>, TokenError> {
        match (claims.get("cnf"), claims.get("typ")) {
            (Some(Value::Null), _) => Err(wrong_type("cnf", &Value::Null)),
            (Some(_), _) if !self.accepts_bound => Err(TokenError::invalid(
                "it is bound to a key (`cnf`), and a bearer token proves no possession of one; \
                 `dpop = \"accepted\"` of `#[mcp::server]` accepts it with a proof",
            )),
            (Some(Value::Object(cnf)), _) => {
                let confirmation = Confirmation::of_claim(cnf);
                confirmation.map(Some).map_err(|error| TokenError::invalid(error.to_string()))
            }
            (Some(cnf), _) => Err(wrong_type("cnf", cnf)),
            (None, Some(Value::String(kind))) if kind.eq_ignore_ascii_case("DPoP") => Err(TokenError::invalid(
                "it is bound to a key (its claim `typ` is `DPoP`), and a bearer token proves no possession of one",
            )),
            _ => Ok(None),
        }
    }

    /// Refuses tokens that are not for resource servers, by their claims.
    ///
    /// A token whose header has the type of access tokens needs no such check.
    pub(in crate::auth) fn check_kind(&self, claims: &Map<String, Value>) -> Result<(), TokenError> {
        if !self.profile.plain_typ {
            return Ok(());
        }
        match other_kind(claims) {
            Some(kind) => Err(TokenError::invalid(format!("it is no access token, but {kind}"))),
            None if self.lacks_scopes(claims) => {
                let names: Vec<&str> = self.profile.scope_claims.iter().map(ScopeClaim::name).collect();
                Err(TokenError::invalid(format!(
                    "it is an ID token, or grants nothing here: it has no `{}`",
                    names.join("` or `")
                )))
            }
            None => Ok(()),
        }
    }

    fn lacks_scopes(&self, claims: &Map<String, Value>) -> bool {
        let is_needed = self.profile.preset.is_some_and(|preset| preset.always_has_scopes);
        is_needed && !has_any(&self.profile.scope_claims, claims)
    }

    /// Returns the client that a token was issued to, if it names one.
    pub(in crate::auth) fn client<'c>(&self, claims: &'c Map<String, Value>) -> Result<Option<&'c str>, TokenError> {
        let mut found: Option<(&str, &str)> = None;
        for name in &self.profile.client_claims {
            let client = match find(claims, name) {
                None => continue,
                Some(Value::String(client)) if client.is_empty() => continue,
                Some(Value::String(client)) => client,
                Some(value) => return Err(wrong_type(name, value)),
            };
            match found {
                Some((first, other)) if other != client => {
                    return Err(TokenError::invalid(format!("its `{first}` and its `{name}` are different clients")));
                }
                Some(_) => {}
                None => found = Some((name, client)),
            }
        }
        Ok(found.map(|(_, client)| client))
    }

    /// Returns the refusal of a token without a client.
    pub(in crate::auth) fn no_client(&self) -> TokenError {
        let names = self.profile.client_claims.join("` or `");
        TokenError::invalid(format!(
            "it names no client: it has no `{names}`; `JwtProfile::client_claim` sets the claim"
        ))
    }

    /// Returns the audience of a token, or `None` if it needs none.
    pub(in crate::auth) fn audience(
        &self,
        claims: &Map<String, Value>,
        client: &str,
    ) -> Result<Option<Vec<String>>, TokenError> {
        let Some(audience) = read_texts(claims, "aud")?.filter(|audience| !audience.is_empty()) else {
            return match !client.is_empty() && self.profile.without_audience.contain(client) {
                true => Ok(None),
                false => Err(self.no_audience()),
            };
        };
        if self.profile.client_as_audience && !client.is_empty() && audience.iter().any(|name| name == client) {
            return audience_with(self.resource, &[client.to_owned()], audience).map(Some);
        }
        audience_with(self.resource, &self.profile.audiences, audience).map(Some)
    }

    fn no_audience(&self) -> TokenError {
        let advice = match self.audience_advice() {
            _ if !self.profile.without_audience.listed().is_empty() => {
                "its client is none of `JwtProfile::accept_clients_without_audience`"
            }
            Some(advice) => advice,
            None => {
                "set the audience at the provider, or name its client: `JwtProfile::accept_clients_without_audience`"
            }
        };
        TokenError::invalid(format!("it has no `aud`; {advice}"))
    }

    /// Returns advice for the operator, by which the provider's tokens are for this resource.
    pub(in crate::auth) fn audience_advice(&self) -> Option<&'static str> {
        self.profile.preset.map(|preset| preset.audience)
    }

    pub(in crate::auth) fn scopes(&self, claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
        let (scopes, missing) = read_scopes(&self.profile.scope_claims, claims, &self.recipient(claims))?;
        for claim in missing {
            tracing::debug!(claim, "a token has no scopes from a claim of its profile, which it lacks");
        }
        Ok(scopes)
    }

    fn recipient<'c>(&'c self, claims: &'c Map<String, Value>) -> Recipient<'c> {
        // A token with two clients is refused elsewhere.
        let client = self.client(claims).ok().flatten();
        Recipient { resource: self.resource, audiences: &self.profile.audiences, client }
    }

    /// Returns the operator's scope claims that a token does not have.
    #[cfg(feature = "jwt")]
    pub(in crate::auth) fn missing_scope_claims(&self, claims: &Map<String, Value>) -> Vec<&'a str> {
        let read = read_scopes(&self.profile.scope_claims, claims, &self.recipient(claims));
        read.map_or_else(|_| Vec::new(), |(_, missing)| missing)
    }
}

/// Returns the kind of a token that is not for resource servers.
fn other_kind(claims: &Map<String, Value>) -> Option<&'static str> {
    // A value that is no text is an unknown kind, which is refused below.
    let kind = |name| claims.get(name).map(|value| value.as_str().unwrap_or_default());
    match kind("typ") {
        // Keycloak's name for a token that is bound to a key, of which the confirmation is checked.
        None | Some("Bearer" | "DPoP") => {}
        Some("ID") => return Some("an ID token (its claim `typ` is `ID`)"),
        Some("Refresh" | "Offline") => return Some("a refresh token (by its claim `typ`)"),
        Some("Logout") => return Some("a logout token (its claim `typ` is `Logout`)"),
        Some(_) => return Some("of another kind (by its claim `typ`)"),
    }
    match kind("token_use") {
        None | Some("access" | "access_token") => {}
        Some("id" | "id_token") => return Some("an ID token (by its `token_use`)"),
        Some("refresh" | "refresh_token") => return Some("a refresh token (by its `token_use`)"),
        Some(_) => return Some("of another kind (by its `token_use`)"),
    }
    // OpenID Connect Core §3.1.3.6 and §3.3.2.11, Back-Channel Logout §2.4, RFC 8417 §2.2.
    if claims.contains_key("at_hash") || claims.contains_key("c_hash") {
        return Some("an ID token (it has the hash of another token, `at_hash` or `c_hash`)");
    }
    if claims.contains_key("events") {
        return Some("a logout token, or another message about events (it has `events`)");
    }
    // Some providers repeat the nonce in access tokens, which then have a scope, too, or say what they are.
    let is_access_token = ["scope", "scp", "typ", "token_use"].iter().any(|name| claims.contains_key(*name));
    if claims.contains_key("nonce") && !is_access_token {
        return Some("an ID token (it has a `nonce` and no scope)");
    }
    match (kind("drn"), kind("tokenName")) {
        (Some("DSR"), _) => Some("a refresh token (its `drn` is `DSR`)"),
        (_, Some(name)) if name != "access_token" => Some("of another kind (by its `tokenName`)"),
        _ => None,
    }
}
