//! Introspection (RFC 7662): a protected server asks whether a token is valid, which includes revocations.

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
use super::clients::Credentials;
use super::error::OAuthError;

#[derive(Deserialize)]
pub(super) struct Question {
    token: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// `POST /introspect`
pub(super) async fn introspect(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    form: Result<Form<Question>, FormRejection>,
) -> Result<Response, OAuthError> {
    let Form(question) = form.map_err(|_| OAuthError::invalid_request("Not the form of an introspection request"))?;
    let (id, secret) = &server.settings.introspector;
    // Or anyone could try out tokens here.
    if !Credentials::from_request(&headers, question.client_id, question.client_secret)?.are(id, secret) {
        return Err(OAuthError::invalid_client());
    }
    let answer = match server.live_claims(&question.token) {
        Some(claims) => json!({
            "active": true,
            "iss": claims.iss,
            "sub": claims.sub,
            "aud": claims.aud,
            "client_id": claims.client_id,
            "scope": claims.scope,
            "iat": claims.iat,
            "exp": claims.exp,
            "token_type": "Bearer",
        }),
        // Why is not said.
        None => json!({ "active": false }),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}
