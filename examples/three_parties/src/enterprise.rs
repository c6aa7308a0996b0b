//! The enterprise's identity provider. Its people sign in there once in the morning; which applications may then act for
//! them, where, and how far, is decided by its administrators and not by consent screens.
//!
//! A client exchanges a person's ID token for an *identity assertion* (an ID-JAG): a JWT for one authorization server, one
//! client and one protected server (RFC 8693, and draft-ietf-oauth-identity-assertion-authz-grant §4.3).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Outcome;
use crate::authorization_server::now;
use crate::signing::{SigningKey, random_text, same_secret};

/// The `typ` of an identity assertion.
pub(crate) const ID_JAG: &str = "oauth-id-jag+jwt";
const ID_JAG_TYPE: &str = "urn:ietf:params:oauth:token-type:id-jag";
const ID_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id_token";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN_LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);
const ID_JAG_LIFETIME: Duration = Duration::from_secs(60);

/// The claims of an identity assertion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdJag {
    pub(crate) iss: String,
    pub(crate) sub: String,
    /// The audience, never a list: one of several servers could pass the assertion on.
    pub(crate) aud: String,
    pub(crate) client_id: String,
    pub(crate) resource: String,
    pub(crate) scope: Option<String>,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) jti: String,
}

#[derive(Serialize, Deserialize)]
struct IdToken {
    iss: String,
    sub: String,
    aud: String,
    iat: u64,
    exp: u64,
}

/// An administrator's permission for an application to act for people at one server.
pub(crate) struct Policy {
    /// Its id and secret here.
    pub(crate) client: (String, String),
    pub(crate) authorization_server: String,
    /// Its id there.
    pub(crate) client_there: String,
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}

pub(crate) struct Enterprise {
    issuer: String,
    key: SigningKey,
    policy: Policy,
}

impl Enterprise {
    pub(crate) fn new(issuer: String, policy: Policy) -> Outcome<Self> {
        Ok(Self { issuer, key: SigningKey::generate()?, policy })
    }

    pub(crate) fn jwks_url(issuer: &str) -> String {
        format!("{issuer}/jwks")
    }

    /// Returns the ID token of a person who signs in to an application.
    ///
    /// This is OpenID Connect, and nothing of MCP, so that there are no requests for it.
    pub(crate) fn sign_in(&self, subject: &str) -> Outcome<String> {
        let (iss, sub, aud) = (self.issuer.clone(), subject.to_owned(), self.policy.client.0.clone());
        self.key.sign("JWT", &IdToken { iss, sub, aud, iat: now(), exp: now() + ID_TOKEN_LIFETIME.as_secs() })
    }

    pub(crate) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(exchange))
            .with_state(self)
    }

    /// Signs any assertion, also a wrong one.
    #[cfg(test)]
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Outcome<String> {
        self.key.sign(typ, claims)
    }
}

async fn metadata(State(enterprise): State<Arc<Enterprise>>) -> Json<Value> {
    let issuer = &enterprise.issuer;
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": Enterprise::jwks_url(issuer),
        "grant_types_supported": [TOKEN_EXCHANGE],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "identity_chaining_requested_token_types_supported": [ID_JAG_TYPE],
    }))
}

async fn jwks(State(enterprise): State<Arc<Enterprise>>) -> Json<Value> {
    Json(enterprise.key.jwks())
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    requested_token_type: String,
    subject_token_type: String,
    subject_token: String,
    audience: String,
    resource: String,
    scope: Option<String>,
}

/// `POST /token`
async fn exchange(
    State(enterprise): State<Arc<Enterprise>>,
    headers: HeaderMap,
    form: Result<Form<Exchange>, FormRejection>,
) -> Result<Response, Response> {
    if !enterprise.knows(&headers) {
        return Err(refusal(StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    let Form(request) = form.map_err(|_| refusal(StatusCode::BAD_REQUEST, "invalid_request"))?;
    if request.grant_type != TOKEN_EXCHANGE {
        return Err(refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    if request.requested_token_type != ID_JAG_TYPE || request.subject_token_type != ID_TOKEN_TYPE {
        return Err(refusal(StatusCode::BAD_REQUEST, "invalid_request"));
    }
    let policy = &enterprise.policy;
    let subject = enterprise.subject(&request.subject_token);
    let subject = subject.ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "invalid_grant"))?;
    if request.audience != policy.authorization_server || request.resource != policy.resource {
        return Err(refusal(StatusCode::BAD_REQUEST, "invalid_target"));
    }
    let scope = request.scope.unwrap_or_else(|| policy.scopes.join(" "));
    if !scope.split(' ').all(|scope| policy.scopes.iter().any(|allowed| allowed == scope)) {
        return Err(refusal(StatusCode::BAD_REQUEST, "invalid_scope"));
    }
    let assertion = IdJag {
        iss: enterprise.issuer.clone(),
        sub: subject,
        aud: request.audience,
        client_id: policy.client_there.clone(),
        resource: request.resource,
        scope: Some(scope.clone()),
        iat: now(),
        exp: now() + ID_JAG_LIFETIME.as_secs(),
        jti: random_text(),
    };
    let assertion = (enterprise.key.sign(ID_JAG, &assertion))
        .map_err(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "server_error"))?;
    // Not an access token: `N_A` says that nothing can be done with it here.
    let answer = json!({
        "access_token": assertion,
        "issued_token_type": ID_JAG_TYPE,
        "token_type": "N_A",
        "expires_in": ID_JAG_LIFETIME.as_secs(),
        "scope": scope,
    });
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

impl Enterprise {
    /// Returns `true` if a request is from the application of the policy (`client_secret_basic`).
    fn knows(&self, headers: &HeaderMap) -> bool {
        let (id, secret) = &self.policy.client;
        let expected = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        headers
            .get(AUTHORIZATION)
            .and_then(|header| header.to_str().ok())
            .is_some_and(|own| same_secret(own, &expected))
    }

    /// Returns the subject of an ID token that this provider issued to the application.
    fn subject(&self, id_token: &str) -> Option<String> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.policy.client.0]);
        validation.leeway = 0;
        let token = jsonwebtoken::decode::<IdToken>(id_token, self.key.public(), &validation).ok()?;
        (token.header.typ.as_deref() == Some("JWT")).then_some(token.claims.sub)
    }
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({ "error": code }))).into_response()
}
