//! The authorization server: it signs people in, asks for their consent, and issues access tokens.
//!
//! In production this is your identity provider, not a program of yours. Here it is as small as one can be that does
//! everything MCP asks of it (OAuth 2.1, and the RFCs that the files name), and it keeps everything in memory.
//!
//! | endpoint | file |
//! |---|---|
//! | `/.well-known/oauth-authorization-server`, `/jwks` | [`metadata`] |
//! | `/register` | [`registration`], with [`redirect_uri`] |
//! | `/authorize`, `/login`, `/consent` | [`authorization`], with [`sessions`] and [`pages`] |
//! | `/token` | [`token`], with [`assertion`] for the identity assertion grant |
//! | `/introspect` | [`introspection`] |

mod access_token;
mod assertion;
mod authorization;
mod client_document;
mod clients;
mod error;
mod introspection;
mod metadata;
mod pages;
mod redirect_uri;
mod registration;
mod sessions;
mod store;
#[cfg(test)]
mod tests;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub(crate) use clients::{Client, GrantType};
use store::Store;
pub(crate) use store::now;

use crate::Outcome;
use crate::signing::SigningKey;

/// What the authorization server knows from the beginning.
pub(crate) struct Settings {
    pub(crate) issuer: String,
    /// What tokens are issued for, and nothing else.
    pub(crate) resources: Vec<Resource>,
    pub(crate) people: Vec<Person>,
    /// Clients that were registered by hand, with a secret.
    pub(crate) clients: Vec<Client>,
    /// The id and the secret with which protected servers ask about tokens.
    pub(crate) introspector: (String, String),
    /// The identity provider whose assertions stand for its people, by its issuer and its keys' address.
    pub(crate) enterprise: Option<(String, String)>,
    pub(crate) lifetimes: Lifetimes,
}

/// A protected server, as its authorization server knows it.
pub(crate) struct Resource {
    /// The `resource` of its metadata.
    pub(crate) url: String,
    pub(crate) name: &'static str,
    /// What a request is for that names no scopes.
    pub(crate) default_scope: &'static str,
    /// Its scopes, and what a person is told that they allow.
    pub(crate) scopes: Vec<(&'static str, &'static str)>,
}

pub(crate) struct Person {
    pub(crate) name: &'static str,
    /// A real authorization server keeps a slow hash of it, and counts attempts.
    pub(crate) password: &'static str,
    /// How the enterprise's identity provider calls the same person.
    pub(crate) enterprise_subject: Option<&'static str>,
}

#[derive(Clone, Copy)]
pub(crate) struct Lifetimes {
    /// From the consent to the token: seconds, for a browser and a client that are both waiting.
    pub(crate) code: Duration,
    pub(crate) access_token: Duration,
    pub(crate) refresh_token: Duration,
    /// A login, and a request for consent that waits for a person.
    pub(crate) session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code: Duration::from_secs(60),
            access_token: Duration::from_secs(10 * 60),
            refresh_token: Duration::from_secs(24 * 60 * 60),
            session: Duration::from_secs(60 * 60),
        }
    }
}

pub(crate) struct AuthorizationServer {
    settings: Settings,
    key: SigningKey,
    /// For the documents of clients and the keys of the enterprise.
    http: reqwest::Client,
    store: Mutex<Store>,
}

impl AuthorizationServer {
    pub(crate) fn new(settings: Settings) -> Outcome<Self> {
        let http = client_document::http_client()?;
        Ok(Self { settings, key: SigningKey::generate()?, http, store: Mutex::default() })
    }

    pub(crate) fn router(self: Arc<Self>) -> Router {
        // Where clients look that know OpenID Connect only. There are no ID tokens here.
        const OPENID_CONNECT: &str = "/.well-known/openid-configuration";
        let for_clients = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata::document))
            .route(OPENID_CONNECT, get(metadata::document))
            .route("/jwks", get(metadata::jwks))
            .route("/register", post(registration::register))
            .route("/token", post(token::token))
            .layer(from_fn(from_any_origin));
        let for_people = Router::new()
            .route("/authorize", get(authorization::begin))
            .route("/login", post(authorization::login))
            .route("/consent", get(authorization::ask).post(authorization::decide))
            .route("/style.css", get(crate::page::style));
        let for_servers = Router::new().route("/introspect", post(introspection::introspect));
        for_clients.merge(for_people).merge(for_servers).with_state(self)
    }

    fn resource(&self, url: &str) -> Option<&Resource> {
        self.settings.resources.iter().find(|resource| resource.url == url)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets clients that are web pages in (CORS). Nothing that they can reach this way depends on cookies.
async fn from_any_origin(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, const { HeaderValue::from_static("*") });
    if preflight {
        let allowed = const { HeaderValue::from_static("authorization, content-type, mcp-protocol-version") };
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}
