//! The steps of a request that is one message: its headers, its scopes and rates, and the call.

use std::pin::{Pin, pin};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use mcp_core::Refusal;

use super::Endpoint;
use crate::auth::audit::RequestOutcome;
use crate::auth::gate::{Admitted, Gate};
use crate::auth::{AccessToken, RequiredScopes, TokenDigest};
use crate::json_response::{RETRY_LATER, json_response, retry_after};
use crate::protocol::error::{Error, HttpRefusal};
use crate::protocol::message::{self, RequestId};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
#[cfg(feature = "exchange")]
use crate::server::end_of_request;
use crate::server::{Caller, Listening, OperationResult, Outbox, Recording, Subscriber, account_in};
use crate::transport::dispatch::{Action, Dispatcher, ResolvedRequest};
use crate::transport::http::request::headers::{MCP_SESSION_ID, mirror_arguments, negotiate};
use crate::transport::http::request::kept::detach_head;
use crate::transport::http::response::body::{Events, ResponseBody};
use crate::transport::http::response::late::or_stream;
use crate::transport::http::response::{
    ListeningEvents, Rejection, challenged, failure, overloaded, silence, status, stream,
};
use crate::transport::http::room::{LastingPermits, Room, charged_response};
use crate::transport::http::session::SessionRequest;
use crate::transport::http::session::id::SessionId;
use crate::transport::session::{Handshake, Session};

impl<G: Gate> Endpoint<G> {
    /// Answers a request that is one message: decided first, and run afterwards.
    pub(super) async fn answer(
        self: &Arc<Self>,
        request: &message::Request<'_>,
        parts: Arc<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<&SessionRequest>,
        recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        let mut recording = recording.of(request);
        let catalog = self.service.catalog();
        let dispatcher = self.dispatcher(&catalog, session);
        let authorized = self.authorize(&dispatcher, request, &parts, caller, session, &mut recording).await;
        let (resolved, token) = match authorized {
            Ok(authorized) => authorized,
            Err(response) => return (*response).map(ResponseBody::from),
        };
        let version = resolved.version;
        let failed = |error: &Error, mut recording: Recording<'_>| {
            recording.fail(error);
            self.failed(error, request.id, version).map(ResponseBody::from)
        };
        let (holder, network) = (token.clone(), account_in(&parts));
        let caller = caller_of(token, parts, session, &recording);
        let revealed = dispatcher.reveal(&resolved, &caller).await;
        // Afterwards, because the headers of a hidden tool would show its parameters.
        if let Err(error) = revealed.and_then(|()| check_mirrored(&resolved, &caller)) {
            return failed(&error, recording);
        }
        let mut decision = match dispatcher.decide(resolved, caller, outbox.clone(), &mut recording) {
            Ok(decision) => decision,
            Err(error) => return failed(&error, recording),
        };
        let handshake = decision.handshake.take();
        if let Action::Listen { mut listening, mut subscriber } = decision.action {
            // First, because the guards may take any time.
            let permits = match self.stream_permits(&mut subscriber, request) {
                Ok(permits) => permits,
                Err(error) => return failed(&error, recording),
            };
            return match listening.decide(&catalog, &subscriber).await {
                Ok(()) => self.listen(listening, subscriber, permits, recording),
                Err(error) => failed(&error, recording),
            };
        }
        let session_id = match handshake.map(|handshake| self.begin_session(*handshake)).transpose() {
            Ok(session_id) => session_id,
            Err(error) => return failed(&error, recording),
        };
        if let Some(Ok(id)) = session_id.as_ref().map(HeaderValue::to_str) {
            recording.set_session(|| TokenDigest::of(id).to_string());
        }
        // Pinned here and lent, because each future that owned it would copy it once more.
        let work = pin!(dispatcher.run(decision, &outbox));
        let stream_after = self.limits.request.stream_after;
        let result = match dispatcher.session {
            None => or_stream(work, &outbox, stream_after).await.map(Some),
            Some(session) => {
                // Boxed, because requests without a session would have to reserve its size.
                let mut run = Box::pin(until_cancelled(session, request.id, work));
                or_stream(run.as_mut(), &outbox, stream_after).await
            }
        };
        match result {
            Ok(Some(result)) => {
                let mut response = json_response(StatusCode::OK, response::success(request.id, result.json));
                if let Some(id) = session_id {
                    response.headers_mut().insert(&MCP_SESSION_ID, id);
                }
                match charged_response(response, session.is_some(), || self.room(holder.as_ref(), network)) {
                    Ok(response) => {
                        recording.set_outcome(result.outcome);
                        response
                    }
                    Err(error) => failed(&error, recording),
                }
            }
            Ok(None) => silence().map(ResponseBody::from),
            Err(error) => failed(&error, recording),
        }
    }

    /// Resolves a request, checks the scopes of its caller, and takes a permit.
    async fn authorize<'a>(
        &self,
        dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
        request: &'a message::Request<'a>,
        parts: &Parts,
        caller: Admitted,
        session: Option<&SessionRequest>,
        recording: &mut Recording<'_>,
    ) -> Result<(ResolvedRequest<'a>, Option<AccessToken>), Rejection> {
        // The request is resolved before its caller is authorized, because the scopes depend on it. Its errors are reported
        // afterwards, because they are of no concern to callers who lack scopes.
        let resolved = resolve(dispatcher, request, &parts.headers, &caller, recording);
        let needed = resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed());
        if let (Some(session), Some(needed)) = (session, needed) {
            let _ = session.needed.set(needed.clone());
        }
        let authorized = self.gate.authorize(caller, request.into(), needed);
        let token = authorized.inspect_err(|_| recording.set_outcome(RequestOutcome::InsufficientScope))?;
        let version = resolved.as_ref().map_or(ProtocolVersion::UNDECLARED, |resolved| resolved.version);
        dispatcher.count(token.as_ref()).await.map_err(|error| {
            recording.fail(&error);
            self.failed(&error, request.id, version)
        })?;
        let resolved = resolved.map_err(|(status, error)| {
            recording.fail(&error);
            Rejection::from(failure(status, Some(request.id), &error))
        })?;
        if let Some(session) = session {
            let permits = self.room(token.as_ref(), account_in(parts)).session_requests([request].into_iter(), parts);
            let permits = permits.map_err(|error| {
                recording.fail(&error);
                overloaded(Some(request.id), &error)
            })?;
            permits.into_iter().for_each(|permits| drop(session.permits.set(permits)));
        }
        Ok((resolved, token))
    }

    /// Returns the response to a request that failed while it ran.
    fn failed(&self, error: &Error, id: RequestId<'_>, version: ProtocolVersion) -> Response<Bytes> {
        let answer = |status| failure(status, Some(id), error);
        match error.http_refusal() {
            Some(HttpRefusal::Scopes(scopes)) => match self.gate.challenge(Refusal::InsufficientScope, scopes) {
                Some(challenge) => challenged(answer(StatusCode::FORBIDDEN), challenge),
                None => answer(StatusCode::OK),
            },
            Some(HttpRefusal::SignIn { scopes, claims }) => {
                match self.gate.challenge(Refusal::SignInRequired, scopes) {
                    Some(challenge) => challenged(answer(StatusCode::FORBIDDEN), with_claims(challenge, claims)),
                    None => answer(StatusCode::OK),
                }
            }
            Some(HttpRefusal::Unavailable) => retry_after(answer(StatusCode::SERVICE_UNAVAILABLE), RETRY_LATER),
            Some(HttpRefusal::RateLimited { seconds }) => retry_after(answer(StatusCode::TOO_MANY_REQUESTS), seconds),
            None => answer(status(error, version)),
        }
    }

    /// Takes the permits of a stream for changes, which keeps the head and the message of its request.
    fn stream_permits(
        &self,
        subscriber: &mut Subscriber,
        request: &message::Request<'_>,
    ) -> Result<Box<LastingPermits>, Error> {
        let room = Room { budget: self.service.shared().budget(), account: subscriber.account() };
        let Some(parts) = subscriber.parts_mut() else { return Err(Error::internal("The request has no head")) };
        detach_head(parts);
        #[cfg(feature = "exchange")]
        end_of_request(parts);
        room.stream(parts, request.message.len()).map(Box::new)
    }

    /// Returns the response to `subscriptions/listen`: a stream that ends when the server does.
    fn listen(
        self: &Arc<Self>,
        listening: Listening,
        subscriber: Subscriber,
        permits: Box<LastingPermits>,
        recording: Recording<'_>,
    ) -> Response<ResponseBody> {
        let expires_at = subscriber.token().and_then(|token| token.expires_at);
        let listening = listening.checked_by(self.may_hear(subscriber));
        let source = Box::new(ListeningEvents {
            listening: Some(listening),
            recording: recording.into_owned(),
            _permits: permits,
        });
        stream(Events::new(source, self.limits.streams.keep_alive, expires_at))
    }

    /// Returns the id of the session that a handshake begins.
    fn begin_session(&self, handshake: Handshake) -> Result<HeaderValue, Error> {
        let id = SessionId::seal(&self.service.shared().state_rules().keys, &self.session_purpose, handshake)?;
        HeaderValue::try_from(id).map_err(|_| Error::internal("The session has no id"))
    }
}

/// Adds claims to the first challenge, which the client repeats in its authorization request.
///
/// Entra ID has them in base64.
fn with_claims(challenge: HeaderValue, claims: Option<&str>) -> HeaderValue {
    let added = || {
        let (scheme, rest) = challenge.to_str().ok()?.split_once(' ')?;
        HeaderValue::try_from(format!("{scheme} claims=\"{}\", {rest}", STANDARD.encode(claims?))).ok()
    };
    let added = added();
    added.unwrap_or(challenge)
}

/// Finds what a request asks for, once its headers and its body agree about the version and the target.
pub(super) fn resolve<'a>(
    dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
    request: &'a message::Request<'a>,
    headers: &HeaderMap,
    caller: &Admitted,
    recording: &mut Recording<'_>,
) -> Result<ResolvedRequest<'a>, (StatusCode, Error)> {
    let session = dispatcher.session.map(|session| session.handshake.version);
    let version = negotiate(headers, request, session).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
    let resolved = dispatcher.resolve(request, version, caller.token(), recording);
    resolved.map_err(|error| (status(&error, version), error))
}

/// Checks that the headers of a modern request repeat the arguments that they mirror.
fn check_mirrored(resolved: &ResolvedRequest<'_>, caller: &Caller) -> Result<(), Error> {
    match &caller.parts {
        Some(parts) if resolved.version.is_modern() => mirror_arguments(&parts.headers, resolved.operation.mirrored()),
        _ => Ok(()),
    }
}

/// Describes the caller to the methods of the server.
pub(super) fn caller_of(
    token: Option<AccessToken>,
    parts: Arc<Parts>,
    session: Option<&SessionRequest>,
    recording: &Recording<'_>,
) -> Caller {
    let session = session.map(|request| request.key.to_string());
    Caller { token, parts: Some(parts), session, peer: recording.peer(), ..Caller::default() }
}

/// Runs a request of a session until its client cancels it. Returns its result.
pub(super) async fn until_cancelled<'a>(
    session: Session<'_>,
    id: RequestId<'_>,
    work: Pin<&mut impl Future<Output = Result<OperationResult<'a>, Error>>>,
) -> Result<Option<OperationResult<'a>>, Error> {
    let running = session.live.start(id.as_json())?;
    running.until_cancelled(work).await.transpose()
}
