//! The token endpoint (RFC 6749 §3.2): a code, a refresh token, a client's own secret, an assertion or another token
//! becomes tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::AuthorizationServer;
use super::clients::{Client, Credentials, GrantType};
use super::error::OAuthError;
use super::store::{Grant, GrantId, RefreshToken};
use crate::signing::{random_text, same_secret, sha256};

#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    pub(super) assertion: Option<String>,
    pub(super) subject_token: Option<String>,
    pub(super) subject_token_type: Option<String>,
    pub(super) requested_token_type: Option<String>,
    pub(super) actor_token: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) scope: Option<String>,
}

/// The tokens to issue for a grant.
pub(super) struct TokenSet {
    grant: GrantId,
    scopes: Vec<String>,
    refreshable: bool,
    /// The type of the token, which the answer to a token exchange has.
    pub(super) issued_token_type: Option<&'static str>,
}

/// `POST /token`
pub(super) async fn token(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, OAuthError> {
    // A parameter that is there twice is refused here, too.
    let Form(mut request) = form.map_err(|_| OAuthError::invalid_request("Not the form of a token request"))?;
    let credentials = Credentials::from_request(&headers, request.client_id.take(), request.client_secret.take())?;
    let client = server.authenticate(&credentials).await?;
    let grant_type = request.grant_type.take().unwrap_or_default();
    let grant_type: GrantType = serde_json::from_value(grant_type.into())
        .map_err(|_| OAuthError::new("unsupported_grant_type", "See `grant_types_supported` in the metadata"))?;
    if !client.grants.contains(&grant_type) {
        return Err(OAuthError::new("unauthorized_client", "This client may not use this grant"));
    }
    let issued = match grant_type {
        GrantType::AuthorizationCode => server.redeem_code(&client, &request)?,
        GrantType::RefreshToken => server.refresh(&client, &request)?,
        GrantType::ClientCredentials => server.grant_to_client(&client, &request)?,
        GrantType::JwtBearer => server.redeem_assertion(&client, &request).await?,
        GrantType::TokenExchange => server.exchange(&client, &request)?,
    };
    server.tokens(&client, issued)
}

impl AuthorizationServer {
    fn redeem_code(&self, client: &Client, request: &TokenRequest) -> Result<TokenSet, OAuthError> {
        const REFUSED: OAuthError =
            OAuthError::invalid_grant("The code is unknown, used, expired or not for this client");
        let mut store = self.store();
        let code = store.codes.find_mut(request.code.as_deref().unwrap_or_default()).ok_or(REFUSED)?;
        if code.client != client.id {
            return Err(REFUSED);
        }
        if std::mem::replace(&mut code.used, true) {
            // Somebody else has it, and one of the two has tokens (RFC 6749 §4.1.2).
            let grant = code.grant.clone();
            store.revoke(&grant);
            return Err(REFUSED);
        }
        let code = code.clone();
        if request.redirect_uri.as_ref() != Some(&code.redirect_uri) {
            return Err(OAuthError::invalid_grant("`redirect_uri` is not that of the authorization request"));
        }
        // Only who made the request knows what the challenge is the digest of (RFC 7636 §4.6).
        let verifier = request.code_verifier.as_deref().unwrap_or_default();
        if !(43..=128).contains(&verifier.len()) || !same_secret(&sha256(verifier), &code.challenge) {
            return Err(OAuthError::invalid_grant("`code_verifier` does not belong to the code"));
        }
        let grant = store.grants.find(&code.grant).ok_or(REFUSED)?;
        check_resource(request, grant)?;
        Ok(TokenSet { scopes: grant.scopes.clone(), grant: code.grant, refreshable: true, issued_token_type: None })
    }

    /// Redeems a refresh token, which works once and is replaced by its successor.
    ///
    /// One that is repeated was stolen, before or after its use, so that its grant ends (RFC 9700 §4.14.2).
    fn refresh(&self, client: &Client, request: &TokenRequest) -> Result<TokenSet, OAuthError> {
        const REFUSED: OAuthError =
            OAuthError::invalid_grant("The refresh token is unknown, used, expired, revoked or not for this client");
        let mut store = self.store();
        let id = request.refresh_token.as_deref().unwrap_or_default();
        let token = store.refresh_tokens.find(id).ok_or(REFUSED)?.clone();
        if token.client != client.id {
            return Err(REFUSED);
        }
        if token.used {
            store.revoke(&token.grant);
            return Err(REFUSED);
        }
        let grant = store.grants.find(&token.grant).ok_or(REFUSED)?.clone();
        check_resource(request, &grant)?;
        let scopes = narrowed(request, &grant)?;
        if let Some(token) = store.refresh_tokens.find_mut(id) {
            token.used = true;
        }
        Ok(TokenSet { grant: token.grant, scopes, refreshable: true, issued_token_type: None })
    }

    /// Grants access to a client that acts for itself (RFC 6749 §4.4).
    fn grant_to_client(&self, client: &Client, request: &TokenRequest) -> Result<TokenSet, OAuthError> {
        let resource = request.resource.as_deref().and_then(|url| self.resource(url));
        let resource = resource.ok_or(OAuthError::invalid_target())?;
        let scopes = resource.scopes(request.scope.as_deref())?;
        self.start_grant(client, client.id.clone(), resource.url.clone(), scopes)
    }

    /// Starts a grant without a refresh token, because its client can ask again.
    pub(super) fn start_grant(
        &self,
        client: &Client,
        subject: String,
        resource: String,
        scopes: Vec<String>,
    ) -> Result<TokenSet, OAuthError> {
        let id = random_text();
        let grant = Grant { client: client.id.clone(), subject, resource, scopes: scopes.clone() };
        self.store().grants.insert(id.clone(), grant, self.settings.lifetimes.access_token)?;
        Ok(TokenSet { grant: id, scopes, refreshable: false, issued_token_type: None })
    }

    fn tokens(&self, client: &Client, issued: TokenSet) -> Result<Response, OAuthError> {
        let TokenSet { grant, scopes, refreshable, issued_token_type } = issued;
        let access_token = self.access_token(&grant, &scopes)?;
        let mut answer = json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.settings.lifetimes.access_token.as_secs(),
            "scope": scopes.join(" "),
        });
        if let Some(kind) = issued_token_type {
            answer["issued_token_type"] = kind.into();
        }
        if refreshable && client.grants.contains(&GrantType::RefreshToken) {
            let refresh_token = random_text();
            let entry = RefreshToken { grant, client: client.id.clone(), used: false };
            self.store().refresh_tokens.insert(refresh_token.clone(), entry, self.settings.lifetimes.refresh_token)?;
            answer["refresh_token"] = refresh_token.into();
        }
        Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
    }
}

/// Checks that a client does not change the resource of its request (RFC 8707 §2.2).
fn check_resource(request: &TokenRequest, grant: &Grant) -> Result<(), OAuthError> {
    match &request.resource {
        Some(resource) if *resource != grant.resource => Err(OAuthError::invalid_target()),
        _ => Ok(()),
    }
}

/// Returns the scopes of a refreshed token: all of the grant, or those that the client names.
fn narrowed(request: &TokenRequest, grant: &Grant) -> Result<Vec<String>, OAuthError> {
    let Some(scope) = request.scope.as_deref().filter(|scope| !scope.is_empty()) else {
        return Ok(grant.scopes.clone());
    };
    let scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    let granted = scopes.iter().all(|scope| grant.scopes.contains(scope));
    if granted { Ok(scopes) } else { Err(OAuthError::invalid_scope()) }
}
