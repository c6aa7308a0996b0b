//! Refusals of the endpoints that clients call (RFC 6749 §5.2).

use axum::Json;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error for a client: a code for its program, and a sentence for its developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OAuthError {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
}

impl OAuthError {
    pub(super) const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }

    pub(super) const fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(super) const fn invalid_client() -> Self {
        // Which of id and secret was wrong is nobody's business.
        Self::new("invalid_client", "Unknown client, or wrong credentials")
    }

    pub(super) const fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(super) const fn invalid_scope() -> Self {
        Self::new("invalid_scope", "A requested scope is not one of the resource, or more than was granted")
    }

    /// RFC 8707 §2
    pub(super) const fn invalid_target() -> Self {
        Self::new("invalid_target", "`resource` must be the one protected server that the token is for")
    }

    pub(super) const fn server_error() -> Self {
        Self::new("server_error", "This should not have happened")
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let status = match self.code {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = Json(json!({ "error": self.code, "error_description": self.description }));
        let mut response = (status, [(CACHE_CONTROL, "no-store")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, const { HeaderValue::from_static("Basic realm=\"clients\"") });
        }
        response
    }
}
