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
mod exchange;
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

/// The settings of an authorization server.
pub(crate) struct Settings {
    pub(crate) issuer: String,
    /// The resources that tokens are issued for.
    pub(crate) resources: Vec<Resource>,
    pub(crate) people: Vec<Person>,
    /// The clients that were registered by hand, with a secret.
    pub(crate) clients: Vec<Client>,
    /// The id and the secret with which protected servers introspect tokens.
    pub(crate) introspector: (String, String),
    /// The identity provider whose assertions are accepted, by issuer and address of its keys.
    pub(crate) enterprise: Option<(String, String)>,
    pub(crate) lifetimes: Lifetimes,
}

/// A protected server, from the view of its authorization server.
pub(crate) struct Resource {
    /// The `resource` of its metadata.
    pub(crate) url: String,
    pub(crate) name: &'static str,
    /// The scope of a request that names none.
    pub(crate) default_scope: &'static str,
    /// Its scopes, with descriptions for people.
    pub(crate) scopes: Vec<(&'static str, &'static str)>,
    /// The client that may exchange the tokens of the resource: the protected server itself.
    pub(crate) client: Option<&'static str>,
    /// Set if tokens for the resource are only issued in exchange for others.
    pub(crate) is_exchanged: bool,
}

pub(crate) struct Person {
    pub(crate) name: &'static str,
    /// The password. A real authorization server stores a slow hash of it, and counts attempts.
    pub(crate) password: &'static str,
    /// The subject of the same person at the enterprise's identity provider.
    pub(crate) enterprise_subject: Option<&'static str>,
}

#[derive(Clone, Copy)]
pub(crate) struct Lifetimes {
    /// Limits the time from consent to token, in which browser and client are waiting.
    pub(crate) code: Duration,
    pub(crate) access_token: Duration,
    pub(crate) refresh_token: Duration,
    /// Limits a login, and a request for consent that waits for a person.
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
    /// The HTTP client for the documents of clients and the keys of the enterprise.
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

    /// Returns a resource that clients get tokens for.
    fn resource(&self, url: &str) -> Option<&Resource> {
        self.settings.resources.iter().find(|resource| resource.url == url && !resource.is_exchanged)
    }

    /// Returns a resource whose tokens are issued in exchange for others.
    fn exchanged_resource(&self, url: &str) -> Option<&Resource> {
        self.settings.resources.iter().find(|resource| resource.url == url && resource.is_exchanged)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Allows clients that are web pages (CORS). None of these endpoints depends on cookies.
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
