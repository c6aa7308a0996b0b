//! Access tokens: JWTs that a protected server can verify by itself (RFC 9068).

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};

use super::AuthorizationServer;
use super::error::OAuthError;
use super::store::now;
use crate::signing::random_text;

const TYP: &str = "at+jwt";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) iat: u64,
    pub(super) exp: u64,
    pub(super) jti: String,
}

impl AuthorizationServer {
    /// Issues a token of a grant, with its scopes or some of them.
    pub(super) fn access_token(&self, grant_id: &str, scopes: &[String]) -> Result<String, OAuthError> {
        let lifetime = self.settings.lifetimes.access_token;
        let mut store = self.store();
        let grant = store.grants.find(grant_id).ok_or(OAuthError::server_error())?;
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            sub: grant.subject.clone(),
            aud: grant.resource.clone(),
            client_id: grant.client.clone(),
            scope: scopes.join(" "),
            iat: now(),
            exp: now() + lifetime.as_secs(),
            jti: random_text(),
        };
        store.access_tokens.insert(claims.jti.clone(), grant_id.to_owned(), lifetime)?;
        self.key.sign(TYP, &claims).map_err(|_| OAuthError::server_error())
    }

    /// Returns the claims of a token that this server issued, if it is still valid.
    pub(super) fn live_claims(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&self.settings.issuer]);
        // Whoever it is for may ask.
        validation.validate_aud = false;
        validation.leeway = 0;
        let token = jsonwebtoken::decode::<Claims>(token, self.key.public(), &validation).ok()?;
        if token.header.typ.as_deref() != Some(TYP) {
            return None;
        }
        let store = self.store();
        let grant = store.access_tokens.find(&token.claims.jti)?;
        store.grants.find(grant).map(|_| token.claims)
    }
}
