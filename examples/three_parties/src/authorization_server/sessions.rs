//! Browsers, recognised by a cookie, and the proof that a form that arrives is one that this server showed them.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use super::AuthorizationServer;
use super::error::OAuthError;
use crate::signing::{random_text, same_secret};

/// The name of the cookie, unique because all ports of a host share cookies.
const COOKIE_NAME: &str = "authorization_session";

#[derive(Clone)]
pub(super) struct Session {
    pub(super) id: String,
    /// The person who signed in, if any.
    pub(super) person: Option<&'static str>,
    /// The token in every form of this session, which another site does not know.
    csrf: String,
}

impl Session {
    pub(super) fn csrf(&self) -> &str {
        &self.csrf
    }

    pub(super) fn showed(&self, csrf: &str) -> bool {
        same_secret(&self.csrf, csrf)
    }

    /// Returns a cookie without access for scripts and other sites. Over TLS, it would be `Secure`, too.
    pub(super) fn set_cookie(&self) -> String {
        format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Lax", self.id)
    }
}

impl AuthorizationServer {
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let id = (cookies.flat_map(|header| header.split(';')))
            .find_map(|cookie| cookie.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))?;
        self.store().sessions.find(id).cloned()
    }

    /// Starts a session with a new id, so that whoever knows the old one is not signed in.
    pub(super) fn start_session(&self, person: Option<&'static str>) -> Result<Session, OAuthError> {
        let session = Session { id: random_text(), person, csrf: random_text() };
        self.store().sessions.insert(session.id.clone(), session.clone(), self.settings.lifetimes.session)?;
        Ok(session)
    }
}
