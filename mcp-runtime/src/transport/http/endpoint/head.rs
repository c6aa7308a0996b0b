//! The steps of a request before its body: host and origin, the token, the method, the media types and the session.

#[cfg(feature = "exchange")]
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use super::Endpoint;
use crate::auth::Principal;
use crate::auth::gate::{Admitted, Gate};
use crate::protocol::version::ProtocolVersion;
use crate::transport::http::cors;
use crate::transport::http::request::headers::{
    MCP_SESSION_ID, ResponseForms, declared_version, has_json_body, is_encoded, single,
};
use crate::transport::http::response::page::Page;
use crate::transport::http::response::{
    Rejection, method_not_allowed, no_such_session, not_json, reject, unsupported_encoding,
};
use crate::transport::http::session::id::SessionId;

/// No session id of this server is longer.
const MAX_SESSION_ID: usize = 8 * 1024;

impl<G: Gate> Endpoint<G> {
    /// Checks the head of a request: host and origin, the token, the method and the media types.
    pub(super) async fn admit(
        &self,
        parts: &mut Parts,
        is_preflight: bool,
    ) -> Result<(Admitted, ResponseForms), HeadRefusal> {
        let refuse = |response, is_known| HeadRefusal { response: Box::new(response), is_known };
        if let Err(foreign) = self.origins.check(parts) {
            return Err(refuse(foreign.refuse(), false));
        }
        if is_preflight {
            return Err(refuse(cors::allow(&self.service.catalog(), &parts.headers), false));
        }
        // Taken before the gate removes it. Streams need none.
        #[cfg(feature = "exchange")]
        let authorization = match &self.exchange {
            Some(_) if parts.method == Method::POST => parts.headers.get(AUTHORIZATION).cloned(),
            _ => None,
        };
        let caller = self.gate.admit(parts).await.map_err(|refused| {
            let response = match &self.page {
                Some(page) if refused.status() == StatusCode::UNAUTHORIZED && Page::is_wanted(parts) => {
                    page.explain(refused)
                }
                _ => refused,
            };
            refuse(response, false)
        })?;
        #[cfg(feature = "exchange")]
        if let (Some(exchange), Some(header)) = (&self.exchange, authorization) {
            parts.extensions.insert(exchange.keep(header));
        }
        let accepted = ResponseForms::of(&parts.headers);
        let acceptable = match parts.method {
            Method::POST if !has_json_body(&parts.headers) => Err(not_json()),
            Method::POST if is_encoded(&parts.headers) => Err(unsupported_encoding()),
            Method::POST if !(accepted.json && accepted.events) => {
                Err(reject(StatusCode::NOT_ACCEPTABLE, "Accept must list application/json and text/event-stream"))
            }
            Method::GET if !accepted.events => {
                Err(reject(StatusCode::NOT_ACCEPTABLE, "Accept must list text/event-stream"))
            }
            Method::POST | Method::GET | Method::DELETE => Ok(()),
            _ => {
                let message = "This endpoint takes POST requests, and in a session GET and DELETE";
                Err(method_not_allowed("DELETE, GET, POST", message))
            }
        };
        acceptable.map_err(|response| refuse(response, true))?;
        Ok((caller, accepted))
    }

    /// Finds the session of a request. A request of 2026-07-28 has none, whatever its headers contain.
    pub(super) fn session(&self, headers: &HeaderMap, caller: &Admitted) -> Result<Option<Box<SessionId>>, Rejection> {
        if !headers.contains_key(&MCP_SESSION_ID) {
            return Ok(None);
        }
        // Errors of the version are reported once the message is there.
        let Ok(version) = declared_version(headers) else { return Ok(None) };
        if version.is_some_and(ProtocolVersion::is_modern) {
            return Ok(None);
        }
        let id = match single(headers, &MCP_SESSION_ID) {
            Ok(Some(id)) if id.len() <= MAX_SESSION_ID => id,
            _ => return Err(no_such_session().into()),
        };
        let principal = Principal::of(caller.token());
        let (keys, lifetime) = (&self.service.shared().state_rules().keys, self.limits.session.lifetime);
        let session = SessionId::open(keys, &self.session_purpose, id, &principal, lifetime);
        match session.filter(|session| !self.sessions.has_ended(session)) {
            None => Err(no_such_session().into()),
            Some(session) if version.is_some_and(|version| version != session.handshake.version) => {
                let message = "The session speaks another version than MCP-Protocol-Version says";
                Err(reject(StatusCode::BAD_REQUEST, message).into())
            }
            Some(session) => Ok(Some(Box::new(session))),
        }
    }
}

/// The refusal of a request because of its head.
pub(super) struct HeadRefusal {
    pub(super) response: Rejection,
    /// Set if the caller was admitted.
    pub(super) is_known: bool,
}
