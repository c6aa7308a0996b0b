//! Clients of the authorization server, and their authentication.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::AuthorizationServer;
use super::client_document;
use super::error::OAuthError;
use crate::signing::same_secret;

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// The name that people see. Anyone who registers a client can write anything here.
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    /// The secret. A public client, such as one on a person's machine, has none.
    pub(crate) secret: Option<String>,
    pub(crate) grants: Vec<GrantType>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GrantType {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// RFC 7523 §2.1, here with an identity assertion
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// RFC 8693
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl GrantType {
    pub(super) const ALL: [Self; 5] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::JwtBearer, Self::TokenExchange];
    /// The grants that any client may use, because a person consents.
    pub(super) const WITH_CONSENT: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];
}

/// The id and secret of a client, from the `Authorization` header or the form (RFC 6749 §2.3.1).
pub(super) struct Credentials {
    id: String,
    secret: Option<String>,
}

impl Credentials {
    pub(super) fn from_request(
        headers: &HeaderMap,
        id: Option<String>,
        secret: Option<String>,
    ) -> Result<Self, OAuthError> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            let id = id.ok_or(OAuthError::invalid_client())?;
            return Ok(Self { id, secret });
        };
        let basic = header.to_str().ok().and_then(basic).ok_or(OAuthError::invalid_client())?;
        if secret.is_some() || id.is_some_and(|id| id != basic.id) {
            return Err(OAuthError::invalid_request("One way to authenticate is enough"));
        }
        Ok(basic)
    }

    pub(super) fn are(&self, id: &str, secret: &str) -> bool {
        self.id == id && self.secret.as_deref().is_some_and(|own| same_secret(own, secret))
    }
}

fn basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // Both are encoded as in a form before they are joined.
    let decode = |text: &str| {
        let is_one = !text.contains(['&', '=']);
        is_one.then(|| url::form_urlencoded::parse(text.as_bytes()).next()).flatten().map(|(name, _)| name.into_owned())
    };
    Some(Credentials { id: decode(id)?, secret: Some(decode(secret)?) })
}

impl AuthorizationServer {
    /// Returns the client with an id, which is registered or the address of its metadata document.
    pub(super) async fn client(&self, id: &str) -> Result<Client, OAuthError> {
        if let Some(client) = self.settings.clients.iter().find(|client| client.id == id) {
            return Ok(client.clone());
        }
        if let Some(client) = self.store().clients.find(id) {
            return Ok(client);
        }
        let client = client_document::fetch(&self.http, id).await?;
        self.store().clients.add(client.clone())?;
        Ok(client)
    }

    pub(super) async fn authenticate(&self, credentials: &Credentials) -> Result<Client, OAuthError> {
        let client = self.client(&credentials.id).await.map_err(|_| OAuthError::invalid_client())?;
        match (&client.secret, &credentials.secret) {
            (None, None) => Ok(client),
            (Some(secret), Some(_)) if credentials.are(&client.id, secret) => Ok(client),
            _ => Err(OAuthError::invalid_client()),
        }
    }
}
