//! From the claims of a token to what it allows (RFC 9068 §4).

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::profile::JwtProfile;
use crate::auth::claims::{audience_with, is_ahead, read_date, read_scopes, read_text, read_texts};
use crate::auth::{AccessToken, TokenError};

/// What a token has to agree with.
pub(super) struct Expected<'a> {
    pub(super) profile: &'a JwtProfile,
    pub(super) issuer: &'a str,
    pub(super) resource: &'a str,
    /// How far the clock of the issuer may be ahead.
    pub(super) leeway: Duration,
}

impl Expected<'_> {
    /// Whether the header says that this is an access token (RFC 9068 §2.1).
    pub(super) fn check_type(&self, typ: Option<&str>) -> Result<(), TokenError> {
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let plain = self.profile.plain_typ && (typ.is_none() || is("JWT"));
        if plain || is("at+jwt") || is("application/at+jwt") {
            Ok(())
        } else {
            Err(TokenError::invalid("its `typ` is not `at+jwt`; `JwtProfile::allow_plain_typ` accepts `JWT`"))
        }
    }

    /// What a token with these claims allows, once its signature is confirmed; without the claims.
    pub(super) fn read(&self, claims: &Map<String, Value>, now: SystemTime) -> Result<AccessToken, TokenError> {
        if self.profile.plain_typ {
            refuse_other_tokens(claims)?;
        }
        // RFC 9449 §6.1 and RFC 8705 §3.1.
        if claims.contains_key("cnf") {
            return Err(TokenError::invalid("it is bound to a key, and a bearer token proves no possession of one"));
        }
        let client = read_text(claims, &self.profile.client_claim)?.filter(|client| !client.is_empty());
        let client =
            client.ok_or(TokenError::invalid("it names no client; `JwtProfile::client_claim` sets the claim"))?;
        let audience = self.audience(claims, client);
        let scopes = self.scopes(claims)?;
        let subject = read_text(claims, "sub")?;
        read_text(claims, "jti")?;
        let expiry = read_date(claims, "exp")?.ok_or(TokenError::invalid("it has no `exp`"))?;
        for name in ["nbf", "iat"] {
            if read_date(claims, name)?.is_some_and(|start| is_ahead(start, now, self.leeway)) {
                return Err(TokenError::invalid("it is not valid yet"));
            }
        }
        // Last, so that a token that is told to be old or for somebody else is right in everything else.
        if expiry <= now {
            return Err(TokenError::Expired);
        }
        let token = match audience? {
            Some(audience) => AccessToken::issued_for(audience, client),
            None => AccessToken::ours(client),
        };
        let token = token.with_issuer(self.issuer).with_scopes(scopes).with_expires_at(expiry);
        Ok(match subject {
            Some(subject) => token.with_subject(subject),
            None => token,
        })
    }

    fn scopes(&self, claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
        for name in &self.profile.scope_claims {
            if let Some(scopes) = read_scopes(claims, name)? {
                return Ok(scopes);
            }
        }
        Ok(Vec::new())
    }

    /// Returns the audience, or `None` for a client whose tokens need none.
    fn audience(&self, claims: &Map<String, Value>, client: &str) -> Result<Option<Vec<String>>, TokenError> {
        let Some(audience) = read_texts(claims, "aud")? else {
            return match self.profile.clients.iter().any(|trusted| trusted == client) {
                true => Ok(None),
                false => Err(TokenError::invalid("it has no `aud`")),
            };
        };
        audience_with(self.resource, &self.profile.audiences, audience).map(Some)
    }
}

/// Tokens that are not for resource servers, told by what OpenID Connect (Core §3.1.3.6), Cognito and Keycloak write
/// into them.
fn refuse_other_tokens(claims: &Map<String, Value>) -> Result<(), TokenError> {
    let other = |name, own: &str| claims.get(name).is_some_and(|value| value != own);
    if claims.contains_key("at_hash")
        || claims.contains_key("c_hash")
        || other("token_use", "access")
        || other("typ", "Bearer")
    {
        return Err(TokenError::invalid("it is not an access token"));
    }
    Ok(())
}
