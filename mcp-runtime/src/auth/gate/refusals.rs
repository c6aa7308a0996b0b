//! The responses of refusals: status, challenge and body, as RFC 6750 has them.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use mcp_core::{Dpop, OperationScopes, Refusal};

use crate::auth::{Challenges, ProtectedResource, RequiredScopes};
use crate::json_response::{RETRY_LATER, json_response, retry_after};
use crate::protocol::error::Error;
use crate::protocol::message::RequestId;
use crate::protocol::response::failure;

/// The refusals that do not depend on the message, written once.
#[derive(Debug, Clone)]
pub(super) struct Refusals {
    pub(super) authentication_required: Response<Bytes>,
    pub(super) invalid_request: Response<Bytes>,
    pub(super) token_expired: Response<Bytes>,
    pub(super) wrong_audience: Response<Bytes>,
    pub(super) unavailable: Response<Bytes>,
}

impl Refusals {
    pub(super) fn new(resource: &ProtectedResource) -> Self {
        let scopes = resource.ask(resource.required());
        let refused = |refusal: Refusal, declared: fn(&Challenges) -> &'static str| {
            let challenge = match resource.challenges() {
                Some(challenges) => HeaderValue::from_static(declared(challenges)),
                None => challenge(resource, refusal, &scopes),
            };
            refusal_response(refusal, Some(challenge), Bytes::from(refusal.body(&scopes, resource.dpop())))
        };
        let unavailable = Refusal::Unavailable;
        // No message was read.
        let description = unavailable.description(&scopes, resource.dpop()).into_owned();
        let error = Error::new(unavailable.status().into(), description);
        let unavailable = refusal_response(unavailable, None, Bytes::from(failure(Some(RequestId::NULL), &error)));
        Self {
            authentication_required: refused(Refusal::AuthenticationRequired, |all| all.authentication_required),
            invalid_request: refused(Refusal::InvalidRequest, |all| all.invalid_request),
            token_expired: refused(Refusal::TokenExpired, |all| all.token_expired),
            wrong_audience: refused(Refusal::WrongAudience, |all| all.wrong_audience),
            unavailable: retry_after(unavailable, RETRY_LATER),
        }
    }
}

/// Returns the body of a 403.
///
/// It is a JSON-RPC error where there is a request to answer, because clients show that to their users, and otherwise
/// the fields of OAuth. The code is the HTTP status, because those of JSON-RPC have other meanings.
pub(super) fn insufficient_scope(
    id: Option<RequestId<'_>>,
    required: &RequiredScopes,
    names: &OperationScopes,
) -> Bytes {
    match id {
        Some(id) => failure(Some(id), &Error::insufficient_scope(required.scopes(), names)).into(),
        None => Refusal::InsufficientScope.body(names, Dpop::Refused).into(),
    }
}

/// Returns a challenge with names that were replaced at start.
#[expect(clippy::expect_used, reason = "URLs and scopes are visible ASCII by construction")]
pub(super) fn challenge(resource: &ProtectedResource, refusal: Refusal, scopes: &OperationScopes) -> HeaderValue {
    HeaderValue::try_from(refusal.challenge(&resource.metadata_url, scopes, resource.dpop()))
        .expect("a challenge is visible ASCII")
}

/// Returns the response of a refusal, which no cache may store.
#[expect(clippy::expect_used, reason = "the statuses of refusals are constants")]
pub(super) fn refusal_response(refusal: Refusal, challenge: Option<HeaderValue>, body: Bytes) -> Response<Bytes> {
    let mut response = json_response(StatusCode::from_u16(refusal.status()).expect("a status"), body);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
