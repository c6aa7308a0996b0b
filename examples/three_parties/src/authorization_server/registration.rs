//! Dynamic client registration (RFC 7591): anyone can register a client, which gives it nothing but an id.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::AuthorizationServer;
use super::clients::{Client, GrantType};
use super::error::OAuthError;
use super::redirect_uri;
use super::store::{CLIENT_LIFETIME, now};
use crate::signing::random_text;

const LONGEST_NAME: usize = 60;

#[derive(Deserialize)]
pub(super) struct Metadata {
    redirect_uris: Vec<String>,
    client_name: Option<String>,
    #[serde(default = "with_code")]
    grant_types: Vec<GrantType>,
    #[serde(default = "with_basic")]
    token_endpoint_auth_method: AuthMethod,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
}

/// Returns the default of RFC 7591 §2.
fn with_code() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

fn with_basic() -> AuthMethod {
    AuthMethod::ClientSecretBasic
}

pub(super) async fn register(
    State(server): State<Arc<AuthorizationServer>>,
    metadata: Result<Json<Metadata>, JsonRejection>,
) -> Result<Response, OAuthError> {
    const INVALID: &str = "invalid_client_metadata";
    let Ok(Json(metadata)) = metadata else {
        return Err(OAuthError::new(INVALID, "Not the metadata of a client that this server can register"));
    };
    if metadata.grant_types.iter().any(|grant| !GrantType::WITH_CONSENT.contains(grant)) {
        return Err(OAuthError::new(INVALID, "This grant is for clients that were registered by hand"));
    }
    let method = metadata.token_endpoint_auth_method;
    let client = Client {
        id: random_text(),
        name: shown_name(metadata.client_name.as_deref()),
        redirect_uris: redirect_uri::acceptable(metadata.redirect_uris)?,
        secret: (method != AuthMethod::None).then(random_text),
        // Each once, however often it was named.
        grants: GrantType::WITH_CONSENT.into_iter().filter(|grant| metadata.grant_types.contains(grant)).collect(),
    };
    let issued_at = now();
    server.store().clients.add(client.clone())?;
    let mut answer = json!({
        "client_id": client.id,
        "client_id_issued_at": issued_at,
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": client.grants,
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
    });
    if let Some(secret) = client.secret {
        answer["client_secret"] = secret.into();
        answer["client_secret_expires_at"] = (issued_at + CLIENT_LIFETIME.as_secs()).into();
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Returns the name of a client in a form that may be shown.
pub(super) fn shown_name(name: Option<&str>) -> String {
    let name: String = name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "A client without a name".to_owned() } else { name }
}
