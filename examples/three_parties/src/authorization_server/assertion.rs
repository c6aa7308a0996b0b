//! The identity assertion grant: an assertion of the enterprise's identity provider (an ID-JAG) in place of a person who
//! clicks through a consent screen (RFC 7523 §2.1, and draft-ietf-oauth-identity-assertion-authz-grant §4.4).

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use super::AuthorizationServer;
use super::clients::Client;
use super::error::OAuthError;
use super::store::now;
use super::token::{TokenRequest, TokenSet};
use crate::enterprise::{ID_JAG, IdJag};

/// Limits the lifetime of an assertion, which is used at once and must not be worth stealing.
const LONGEST_LIFETIME: u64 = 10 * 60;

impl AuthorizationServer {
    pub(super) async fn redeem_assertion(
        &self,
        client: &Client,
        request: &TokenRequest,
    ) -> Result<TokenSet, OAuthError> {
        let assertion = request.assertion.as_deref().ok_or(OAuthError::invalid_request("`assertion` is missing"))?;
        // Everything about the assertion itself: type, issuer, signature, audience, expiry.
        let claims = self.verified_assertion(assertion).await?;

        // Made for this client: nobody else who gets hold of it can use it.
        if claims.client_id != client.id || client.secret.is_none() {
            return Err(OAuthError::invalid_grant("The assertion is for another client"));
        }
        let resource = self.resource(&claims.resource).ok_or(OAuthError::invalid_target())?;
        if request.resource.as_ref().is_some_and(|asked| *asked != claims.resource) {
            return Err(OAuthError::invalid_target());
        }
        let scopes = resource.scopes(claims.scope.as_deref())?;
        if request.scope.as_deref().is_some_and(|asked| asked != scopes.join(" ")) {
            return Err(OAuthError::invalid_scope());
        }
        let person = self.settings.people.iter().find(|person| person.enterprise_subject == Some(claims.sub.as_str()));
        let person = person.ok_or(OAuthError::invalid_grant("The assertion is about nobody who is known here"))?;
        self.use_up(&claims)?;
        self.start_grant(client, person.name.to_owned(), claims.resource, scopes)
    }

    async fn verified_assertion(&self, assertion: &str) -> Result<IdJag, OAuthError> {
        const REFUSED: OAuthError = OAuthError::invalid_grant("Not a good identity assertion of a trusted issuer");
        let header = jsonwebtoken::decode_header(assertion).map_err(|_| REFUSED)?;
        // An ID token of the same issuer is none: it says who somebody is, not what a client may do.
        if header.typ.as_deref() != Some(ID_JAG) || header.alg != Algorithm::ES256 {
            return Err(REFUSED);
        }
        let (issuer, jwks_url) = self.settings.enterprise.as_ref().ok_or(REFUSED)?;
        let key = self.enterprise_key(jwks_url, header.kid.as_deref().ok_or(REFUSED)?).await?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&self.settings.issuer]);
        validation.leeway = 0;
        validation.validate_nbf = true;
        let claims = jsonwebtoken::decode::<IdJag>(assertion, &key, &validation).map_err(|_| REFUSED)?.claims;
        // In the second of its expiry, it is not remembered any more that it was used.
        let current = claims.iat <= now() && now() < claims.exp;
        let timely = current && claims.exp.saturating_sub(claims.iat) <= LONGEST_LIFETIME;
        if timely { Ok(claims) } else { Err(REFUSED) }
    }

    /// Fetches a key of the enterprise. A real authorization server caches the keys.
    async fn enterprise_key(&self, jwks_url: &str, id: &str) -> Result<DecodingKey, OAuthError> {
        const UNREACHABLE: OAuthError =
            OAuthError::new("temporarily_unavailable", "The keys of the assertion's issuer can't be read");
        let answer = self.http.get(jwks_url).send().await.map_err(|_| UNREACHABLE)?;
        let keys: JwkSet = answer.json().await.map_err(|_| UNREACHABLE)?;
        let key = keys.find(id).ok_or(OAuthError::invalid_grant("The assertion is signed with an unknown key"))?;
        DecodingKey::from_jwk(key).map_err(|_| UNREACHABLE)
    }

    /// Refuses an assertion that was used before.
    fn use_up(&self, claims: &IdJag) -> Result<(), OAuthError> {
        let mut store = self.store();
        let id = format!("{} {}", claims.iss, claims.jti);
        if store.assertions.find(&id).is_some() {
            return Err(OAuthError::invalid_grant("The assertion was used before"));
        }
        store.assertions.insert(id, (), Duration::from_secs(claims.exp.saturating_sub(now())))
    }
}
