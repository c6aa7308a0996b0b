//! Dynamic client registration (RFC 7591): anyone can register a client, which gives it nothing but an id.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::{Host, Url};

use super::AuthorizationServer;
use super::clients::{Client, GrantType};
use super::error::OAuthError;
use super::store::now;
use crate::signing::random_text;

const MOST_REDIRECT_URIS: usize = 8;
const LONGEST_REDIRECT_URI: usize = 500;
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

/// The defaults of RFC 7591 §2
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
        redirect_uris: redirect_uris(metadata.redirect_uris)?,
        secret: (method != AuthMethod::None).then(random_text),
        grants: metadata.grant_types,
    };
    server.store().clients.add(client.clone())?;
    let mut answer = json!({
        "client_id": client.id,
        "client_id_issued_at": now(),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": client.grants,
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
    });
    if let Some(secret) = client.secret {
        answer["client_secret"] = secret.into();
        answer["client_secret_expires_at"] = 0.into();
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The name of a client, as it may be shown.
pub(super) fn shown_name(name: Option<&str>) -> String {
    let name: String = name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "A client without a name".to_owned() } else { name }
}

/// The addresses to which codes may be sent: `https`, `http` on loopback, or a scheme of an app (RFC 8252 §7).
pub(super) fn redirect_uris(uris: Vec<String>) -> Result<Vec<String>, OAuthError> {
    let acceptable = (1..=MOST_REDIRECT_URIS).contains(&uris.len()) && uris.iter().all(|uri| is_redirect_uri(uri));
    if acceptable {
        Ok(uris)
    } else {
        Err(OAuthError::new(
            "invalid_redirect_uri",
            "Write `https`, `http` on loopback or an app's scheme; no fragment",
        ))
    }
}

fn is_redirect_uri(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let acceptable = match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        },
        // What a browser would run or open by itself.
        "about" | "blob" | "data" | "file" | "filesystem" | "ftp" | "javascript" | "vbscript" | "ws" | "wss" => false,
        _ => true,
    };
    acceptable && url.fragment().is_none() && uri.len() <= LONGEST_REDIRECT_URI && uri.is_ascii()
}
