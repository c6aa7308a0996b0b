//! The steps of a request to the MCP endpoint, from its head to its answer. Their order is the security model: the caller
//! is known before anything of the body is read, and authorized before any of the user's code runs.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::cors;
use super::request::discard::{BodyRemainder, OF_A_STRANGER, of_a_caller};
use super::request::headers::{
    LAST_EVENT_ID, MCP_SESSION_ID, ResponseForms, declared_version, has_json_body, is_encoded, mirror_arguments,
    negotiate, single,
};
use super::request::origin::OriginPolicy;
use super::request::read::{BodyRefusal, RequestBody, read};
use super::response::body::{EventSource, Events, ResponseBody};
use super::response::future::ResponseFuture;
use super::response::late::or_stream;
use super::response::page::Page;
use super::response::{
    Answer, ListeningEvents, Rejection, accept, challenged, empty, failure, in_form, method_not_allowed,
    no_such_session, not_json, reject, silence, status, stream, too_many_sessions, too_many_streams,
    unsupported_encoding,
};
use super::session::id::{SessionId, seconds};
use super::session::live::{ResumableStream, SessionError, SessionGuard, Sessions, random_name};
use super::session::replay::{Replay, parse_id};
use super::session::{
    AnnouncementStream, Conversation, Opening, SessionRequest, announcements, batch, take_answer, take_notification,
};
use crate::auth::audit::{Auditor, RequestOutcome};
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::auth::{AccessToken, Principal, RequiredScopes, TokenDigest};
use crate::json::bytes::unmarked;
use crate::json_response::{RETRY_LATER, json_response, retry_after};
use crate::limits::Limits;
use crate::protocol::error::{Error, HttpRefusal};
use crate::protocol::message::{self, Message, RequestId};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{
    Caller, Catalog, Exchange, Listening, MayHearOf, OperationResult, Outbox, Recording, Service, Subscriber,
};
use crate::transport::dispatch::{Action, Dispatcher, ResolvedRequest};
use crate::transport::session::{Handshake, Session};

/// No session id of this server is longer.
const MAX_SESSION_ID: usize = 8 * 1024;

/// The MCP endpoint of a server.
pub(super) struct Endpoint<G> {
    pub(super) service: Arc<Service>,
    pub(super) gate: G,
    pub(super) origins: OriginPolicy,
    /// The page for people who have a browser and no token.
    pub(super) page: Option<Page>,
    pub(super) limits: Limits,
    pub(super) sessions: Arc<Sessions>,
    pub(super) session_purpose: String,
    pub(super) auditor: Auditor,
    /// A permit for each stream that lasts for long, and for each request that can become one.
    pub(super) permits: Arc<Semaphore>,
}

impl<G: Gate> Endpoint<G> {
    /// Answers a request from `peer`, if that is known.
    pub(super) fn handle<B: RequestBody>(
        self: &Arc<Self>,
        request: Request<B>,
        peer: Option<SocketAddr>,
    ) -> ResponseFuture {
        let (parts, body) = request.into_parts();
        let recording = Recording::begin(&self.auditor, || peer.or_else(|| connected_peer(&parts.extensions)));
        let cors = self.origins.cors(&parts.headers);
        let is_preflight = cors.as_ref().is_some_and(|cors| cors.is_preflight(&parts));
        // Boxed, because the head is handed on a few times.
        let parts = Box::new(parts);
        let answer = boxed(|| Arc::clone(self).answer_to(parts, body, is_preflight, recording));
        ResponseFuture::new(answer, self.limits.streams.keep_alive, cors)
    }

    /// Takes the steps before the message: head, session, body. The later ones are an exchange, because a refused request
    /// does without one (7 % of its cost).
    async fn answer_to<B: RequestBody>(
        self: Arc<Self>,
        mut parts: Box<Parts>,
        mut body: B,
        is_preflight: bool,
        mut recording: Recording<'static>,
    ) -> Answer {
        let of_a_caller = of_a_caller(self.limits.request.body_bytes);
        let unwanted =
            |body: B, parts: &Parts, limit| BodyRemainder::new(body, parts, limit, self.limits.request.body_timeout);
        let refuse = |mut response: Response<Bytes>, body: BodyRemainder<B>| {
            body.discard(&mut response);
            Answer::Response(response.map(ResponseBody::from))
        };
        let (caller, accepted) = match self.admit(&mut parts, is_preflight).await {
            Ok(admitted) => admitted,
            Err(HeadRefusal { response, .. }) if is_preflight && response.status().is_success() => {
                recording.discard();
                return refuse(*response, unwanted(body, &parts, OF_A_STRANGER));
            }
            Err(HeadRefusal { response, is_known }) => {
                recording.refuse(response.status());
                let limit = if is_known { of_a_caller } else { OF_A_STRANGER };
                return refuse(*response, unwanted(body, &parts, limit));
            }
        };
        recording.set_token(caller.token());
        let (session, gone) = match self.session(&parts.headers, &caller) {
            Ok(session) => (session, None),
            // A client may begin another session before it forgets this one.
            Err(gone) if gone.status() == StatusCode::NOT_FOUND && parts.method == Method::POST => (None, Some(gone)),
            Err(response) => {
                recording.refuse(response.status());
                return refuse(*response, unwanted(body, &parts, of_a_caller));
            }
        };
        if parts.method != Method::POST {
            let body = unwanted(body, &parts, of_a_caller);
            let mut response = self.handle_without_message(&parts, caller, session);
            if response.status().is_success() {
                recording.discard();
            } else {
                recording.refuse(response.status());
            }
            body.discard(&mut response);
            return Answer::Response(response);
        }
        let body = match read(&mut body, &self.limits.request).await {
            Ok(body) => unmarked(body),
            Err(BodyRefusal { response, has_begun }) => {
                recording.refuse(response.status());
                let body = unwanted(body, &parts, of_a_caller);
                return refuse(response, BodyRemainder { is_coming: body.is_coming || has_begun, ..body });
            }
        };
        if let Some(gone) = gone
            && !self.begins_session(&body)
        {
            recording.refuse(gone.status());
            return Answer::Response((*gone).map(ResponseBody::from));
        }
        if let Some(session) = session {
            // Boxed, because requests without a session would have to reserve its size.
            let response = Box::pin(self.serve_in_session(body, parts, caller, *session, recording)).await;
            return Answer::Response(in_form(response, accepted.events_first));
        }
        let outbox = Outbox::new(self.limits.streams.capacity());
        if let Some(time) = caller.expires_at() {
            outbox.close_at(time);
        }
        let work = boxed(|| self.receive(body, parts, caller, outbox.clone(), None, recording));
        Answer::Exchange { exchange: Exchange::new(work, outbox), events_first: accepted.events_first }
    }

    /// Checks the head of a request: host and origin, the token, the method and the media types.
    async fn admit(&self, parts: &mut Parts, is_preflight: bool) -> Result<(Admitted, ResponseForms), HeadRefusal> {
        let refuse = |response, is_known| HeadRefusal { response: Box::new(response), is_known };
        if let Err(foreign) = self.origins.check(parts) {
            return Err(refuse(foreign.refuse(), false));
        }
        if is_preflight {
            return Err(refuse(cors::allow(&self.service.catalog(), &parts.headers), false));
        }
        let caller = self.gate.admit(&parts.headers).await.map_err(|refused| {
            let response = match &self.page {
                Some(page) if refused.status() == StatusCode::UNAUTHORIZED && Page::is_wanted(parts) => {
                    page.explain(refused)
                }
                _ => refused,
            };
            refuse(response, false)
        })?;
        // A handler has no use for the raw token, and must not pass it on.
        parts.headers.remove(AUTHORIZATION);
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
    fn session(&self, headers: &HeaderMap, caller: &Admitted) -> Result<Option<Box<SessionId>>, Rejection> {
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

    /// Serves GET and DELETE.
    fn handle_without_message(
        self: &Arc<Self>,
        parts: &Parts,
        caller: Admitted,
        session: Option<Box<SessionId>>,
    ) -> Response<ResponseBody> {
        let Some(session) = session else {
            if let Err(error) = declared_version(&parts.headers) {
                return failure(StatusCode::BAD_REQUEST, None, &error).map(ResponseBody::from);
            }
            let message = "This endpoint takes POST requests only, except in a session";
            return method_not_allowed("POST", message).map(ResponseBody::from);
        };
        if parts.method == Method::DELETE {
            self.sessions.end(&session, seconds(SystemTime::now()));
            return empty(StatusCode::NO_CONTENT).map(ResponseBody::from);
        }
        let expires_at = caller.expires_at();
        match self.listen_in_session(parts, caller, &session) {
            Ok(source) => stream(Events::new(source, self.limits.streams.keep_alive, expires_at)),
            Err(response) => (*response).map(ResponseBody::from),
        }
    }

    /// Opens the stream of a GET request: the rest of an earlier one, or else the announcements.
    fn listen_in_session(
        self: &Arc<Self>,
        parts: &Parts,
        caller: Admitted,
        session: &SessionId,
    ) -> Result<Box<dyn EventSource>, Rejection> {
        let unknown = || -> Rejection {
            reject(StatusCode::BAD_REQUEST, "There is no event with this Last-Event-ID in the session").into()
        };
        let last = match single(&parts.headers, &LAST_EVENT_ID) {
            Ok(last) => last.map(|id| parse_id(id).ok_or_else(unknown)).transpose()?,
            Err(_) => return Err(unknown()),
        };
        let state = self.enter(session)?;
        if let Some((name, number)) = last
            && !name.starts_with(announcements::PREFIX)
        {
            let ResumableStream { replay, needed } = state.stream(name).ok_or_else(unknown)?;
            self.gate.authorize(caller, AuditTarget::default(), needed.as_ref())?;
            return Ok(Box::new(replay.read(Some(number)).ok_or_else(unknown)?));
        }
        let permit = self.permit().ok_or_else(|| too_many_streams(None))?;
        let token = self.gate.authorize(caller, AuditTarget::default(), None)?;
        let caller = Caller { token, parts: Some(Box::new(parts.clone())), ..Caller::default() };
        let may_hear = self.may_hear(Subscriber::new(caller, self.service.handle()));
        let number = state.announcements.open(last);
        Ok(Box::new(AnnouncementStream::new(state, number, may_hear, permit)))
    }

    /// Returns `true` if a body is the message with which a session begins.
    fn begins_session(&self, body: &Bytes) -> bool {
        let message = Message::parse(body, self.limits.request.json_depth);
        matches!(message, Ok(Message::Request(request)) if request.method == "initialize")
    }

    /// Serves a message in a session, whose handler outlives the connection for a client that reconnects.
    async fn serve_in_session(
        self: &Arc<Self>,
        body: Bytes,
        parts: Box<Parts>,
        caller: Admitted,
        id: SessionId,
        mut recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        recording.set_session(|| id.key.to_string());
        let state = match self.enter(&id) {
            Ok(state) => state,
            Err(response) => {
                recording.refuse(response.status());
                return (*response).map(ResponseBody::from);
            }
        };
        let expires_at = caller.expires_at();
        let outbox = Outbox::new(self.limits.streams.capacity());
        let session = Arc::new(SessionRequest::new(id, state));
        let work = boxed(|| {
            let (endpoint, session) = (Arc::clone(self), Arc::clone(&session));
            endpoint.receive(body, parts, caller, outbox.clone(), Some(session), recording)
        });
        let exchange = Exchange::new(work, outbox);
        let replay = Replay::new(random_name(), self.limits.streams.capacity());
        match Conversation::begin(exchange, replay, session, self.limits.session.resume_timeout).await {
            Some(Opening::Response(response)) => response,
            Some(Opening::Stream(reader)) => {
                stream(Events::new(Box::new(reader), self.limits.streams.keep_alive, expires_at).opening())
            }
            // It ended without a word, which only a panic or the end of the program brings about.
            None => reject(StatusCode::INTERNAL_SERVER_ERROR, "The request was not served").map(ResponseBody::from),
        }
    }

    /// Takes in the message of a body, or its batch, and returns the response.
    async fn receive(
        self: Arc<Self>,
        body: Bytes,
        parts: Box<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<Arc<SessionRequest>>,
        mut recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        let session = session.as_deref();
        if let Some(batch) = batch::parse(&self.limits, &body, &parts.headers, session) {
            return match batch {
                Ok(batch) => self.answer_batch(&batch, &parts, caller, &outbox, session, recording).await,
                Err(unreadable) => {
                    recording.fail(&unreadable.error);
                    failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error)
                }
            }
            .map(ResponseBody::from);
        }
        match &Message::parse(&body, self.limits.request.json_depth) {
            Ok(Message::Request(request)) => {
                return self.answer(request, parts, caller, outbox, session, recording).await;
            }
            Ok(Message::Notification(notification)) => {
                recording.discard();
                let asked = AuditTarget { method: Some(&notification.method), ..AuditTarget::default() };
                match self.gate.authorize(caller, asked, None) {
                    Ok(_) => {
                        take_notification(notification, session);
                        accept(&parts.headers)
                    }
                    Err(refused) => *refused,
                }
            }
            Ok(Message::Response(answer)) => {
                recording.discard();
                match declared_version(&parts.headers).and_then(|_| take_answer(answer, session)) {
                    Ok(()) => empty(StatusCode::ACCEPTED),
                    Err(error) => failure(StatusCode::BAD_REQUEST, None, &error),
                }
            }
            Err(unreadable) => {
                recording.fail(&unreadable.error);
                failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error)
            }
        }
        .map(ResponseBody::from)
    }

    /// Answers a request that is one message: decided first, and run afterwards.
    async fn answer(
        self: &Arc<Self>,
        request: &message::Request<'_>,
        parts: Box<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<&SessionRequest>,
        recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        let mut recording = recording.of(request);
        let catalog = self.service.catalog();
        let dispatcher = self.dispatcher(&catalog, session);
        let authorized = self.authorize(&dispatcher, request, &parts.headers, caller, session, &mut recording);
        let (resolved, token) = match authorized {
            Ok(authorized) => authorized,
            Err(response) => return (*response).map(ResponseBody::from),
        };
        let version = resolved.version;
        let failed = |error: &Error, mut recording: Recording<'_>| {
            recording.fail(error);
            self.failed(error, request.id, version).map(ResponseBody::from)
        };
        let caller = caller_of(token, parts, session, &recording);
        let mut decision = match dispatcher.decide(resolved, caller, outbox.clone(), &mut recording) {
            Ok(decision) => decision,
            Err(error) => return failed(&error, recording),
        };
        let handshake = decision.handshake.take();
        if let Action::Listen { mut listening, subscriber } = decision.action {
            return match listening.decide(&catalog, &subscriber).await {
                Ok(()) => self.listen(request.id, listening, subscriber, recording),
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
                recording.set_outcome(result.outcome);
                let mut response = json_response(StatusCode::OK, response::success(request.id, &result.json));
                if let Some(id) = session_id {
                    response.headers_mut().insert(&MCP_SESSION_ID, id);
                }
                response.map(ResponseBody::from)
            }
            Ok(None) => silence().map(ResponseBody::from),
            Err(error) => failed(&error, recording),
        }
    }

    /// Returns the response to a request that failed while it ran.
    fn failed(&self, error: &Error, id: RequestId<'_>, version: ProtocolVersion) -> Response<Bytes> {
        let answer = |status| failure(status, Some(id), error);
        match error.http_refusal() {
            Some(HttpRefusal::Scopes(scopes)) => match self.gate.challenge(scopes) {
                Some(challenge) => challenged(answer(StatusCode::FORBIDDEN), challenge),
                None => answer(StatusCode::OK),
            },
            Some(HttpRefusal::Undecided) => retry_after(answer(StatusCode::SERVICE_UNAVAILABLE), RETRY_LATER),
            Some(HttpRefusal::RateLimited { seconds }) => retry_after(answer(StatusCode::TOO_MANY_REQUESTS), seconds),
            None => answer(status(error, version)),
        }
    }

    /// Resolves a request, checks the scopes of its caller, and takes a permit.
    fn authorize<'a>(
        &self,
        dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
        request: &'a message::Request<'a>,
        headers: &HeaderMap,
        caller: Admitted,
        session: Option<&SessionRequest>,
        recording: &mut Recording<'_>,
    ) -> Result<(ResolvedRequest<'a>, Option<AccessToken>), Rejection> {
        // The request is resolved before its caller is authorized, because the scopes depend on it. Its errors are reported
        // afterwards, because they are of no concern to callers who lack scopes.
        let resolved = resolve(dispatcher, request, headers, &caller, recording);
        let needed = resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed());
        if let (Some(session), Some(needed)) = (session, needed) {
            let _ = session.needed.set(needed.clone());
        }
        let target = request.target();
        let asked = AuditTarget { id: Some(request.id), method: Some(&request.method), target: target.as_ref() };
        let authorized = self.gate.authorize(caller, asked, needed);
        let token = authorized.inspect_err(|_| recording.set_outcome(RequestOutcome::InsufficientScope))?;
        let version = resolved.as_ref().map_or(ProtocolVersion::UNDECLARED, |resolved| resolved.version);
        dispatcher.count(token.as_ref()).map_err(|error| {
            recording.fail(&error);
            self.failed(&error, request.id, version)
        })?;
        let resolved = resolved.map_err(|(status, error)| {
            recording.fail(&error);
            Rejection::from(failure(status, Some(request.id), &error))
        })?;
        if !self.has_permit(session, 1) {
            let response = too_many_streams(Some(request.id));
            recording.refuse(response.status());
            return Err(response.into());
        }
        Ok((resolved, token))
    }

    /// Serves the messages of a batch side by side, and answers when all are done. Nothing runs unless the caller may ask
    /// for all of it.
    async fn answer_batch(
        &self,
        messages: &[Message<'_>],
        parts: &Parts,
        caller: Admitted,
        outbox: &Outbox,
        session: Option<&SessionRequest>,
        recording: Recording<'static>,
    ) -> Response<Bytes> {
        let catalog = self.service.catalog();
        let dispatcher = &self.dispatcher(&catalog, session);
        let mut requests: Vec<_> = messages
            .iter()
            .filter_map(|message| match message {
                Message::Request(request) => Some(request),
                _ => None,
            })
            .map(|request| {
                let mut recording = recording.fork().of(request);
                let resolved = if request.method == "initialize" {
                    let message = "Invalid request: `initialize` can't be part of a batch";
                    Err((StatusCode::OK, Error::invalid_request(message)))
                } else {
                    resolve(dispatcher, request, &parts.headers, &caller, &mut recording)
                };
                (request, resolved, recording)
            })
            .collect();
        recording.discard();
        if let Some(session) = session {
            let all = requests.iter().filter_map(|(_, resolved, _)| resolved.as_ref().ok()?.operation.needed());
            let _ =
                session.needed.set(RequiredScopes::Composed(all.flat_map(RequiredScopes::scopes).copied().collect()));
        }
        // The decision about all of them is that about the one for which the caller lacks something, or else the first.
        let needs: Vec<_> = (requests.iter())
            .map(|(request, resolved, _)| {
                (*request, resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed()))
            })
            .collect();
        let lacking = |needed: &_| !self.gate.satisfies(caller.token(), needed);
        let decisive = (needs.iter()).find(|(_, needed)| needed.is_some_and(lacking)).or(needs.first()).copied();
        let (request, needed) = decisive.unzip();
        let target = request.and_then(message::Request::target);
        let asked = AuditTarget {
            id: request.map(|request| request.id),
            method: request.map(|request| &*request.method),
            target: target.as_ref(),
        };
        let authorized = self.gate.authorize(caller, asked, needed.flatten());
        let mut end_all = |outcome| requests.iter_mut().for_each(|(.., recording)| recording.set_outcome(outcome));
        let token = match authorized {
            Ok(token) => token,
            Err(refused) => {
                end_all(RequestOutcome::InsufficientScope);
                return *refused;
            }
        };
        if !self.has_permit(session, messages.len()) {
            let response = too_many_streams(None);
            end_all(RequestOutcome::Refused(response.status().as_u16()));
            return response;
        }
        // First, because nothing is run when one of them can't be accepted.
        for message in messages {
            if let Message::Response(answer) = message
                && let Err(error) = take_answer(answer, session)
            {
                end_all(RequestOutcome::Refused(StatusCode::BAD_REQUEST.as_u16()));
                return failure(StatusCode::BAD_REQUEST, None, &error);
            }
        }
        for message in messages {
            if let Message::Notification(notification) = message {
                take_notification(notification, session);
            }
        }
        let mut answers = Vec::new();
        for (request, resolved, mut recording) in requests {
            let caller = caller_of(token.clone(), Box::new(parts.clone()), session, &recording);
            answers.push(async move {
                let result = async {
                    dispatcher.count(caller.token.as_ref())?;
                    let resolved = resolved.map_err(|(_, error)| error)?;
                    let decision = dispatcher.decide(resolved, caller, outbox.clone(), &mut recording)?;
                    let work = pin!(dispatcher.run(decision, outbox));
                    match dispatcher.session {
                        None => work.await.map(Some),
                        Some(session) => until_cancelled(session, request.id, work).await,
                    }
                };
                let result = result.await.transpose()?;
                recording.end(&result);
                Some(response::answer(request.id, result.map(|result| result.json)))
            });
        }
        if answers.is_empty() {
            return empty(StatusCode::ACCEPTED);
        }
        let joined = pin!(batch::join(answers));
        let answers = or_stream(joined, outbox, self.limits.request.stream_after).await;
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        if answers.is_empty() { silence() } else { json_response(StatusCode::OK, batch::array(&answers)) }
    }

    /// Returns the dispatcher for the messages of one body.
    fn dispatcher<'a>(
        &'a self,
        catalog: &'a Arc<Catalog>,
        session: Option<&'a SessionRequest>,
    ) -> Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool> {
        Dispatcher {
            service: &self.service,
            catalog,
            session: session.map(SessionRequest::session),
            max_subscriptions: self.limits.streams.subscriptions,
            satisfies: |token: Option<&AccessToken>, needed: &RequiredScopes| self.gate.satisfies(token, needed),
        }
    }

    /// Returns the response to `subscriptions/listen`: a stream that ends when the server does.
    fn listen(
        self: &Arc<Self>,
        id: RequestId<'_>,
        listening: Listening,
        subscriber: Subscriber,
        mut recording: Recording<'_>,
    ) -> Response<ResponseBody> {
        let Some(permit) = self.permit() else {
            let response = too_many_streams(Some(id));
            recording.refuse(response.status());
            return response.map(ResponseBody::from);
        };
        let expires_at = subscriber.token().and_then(|token| token.expires_at);
        let listening = listening.checked_by(self.may_hear(subscriber));
        let source = Box::new(ListeningEvents {
            listening: Some(listening),
            recording: recording.into_owned(),
            _permit: permit,
        });
        stream(Events::new(source, self.limits.streams.keep_alive, expires_at))
    }

    /// Returns the id of the session that a handshake begins.
    fn begin_session(&self, handshake: Handshake) -> Result<HeaderValue, Error> {
        let id = SessionId::seal(&self.service.shared().state_rules().keys, &self.session_purpose, handshake)?;
        HeaderValue::try_from(id).map_err(|_| Error::internal("The session has no id"))
    }

    /// Returns the state of a session, and begins it if there is none.
    fn enter(&self, id: &SessionId) -> Result<SessionGuard, Rejection> {
        self.sessions.enter(id).map_err(|error| match error {
            SessionError::Ended => no_such_session().into(),
            SessionError::TooMany => too_many_sessions().into(),
        })
    }

    /// Returns the decisions about the resources that a subscriber may hear of.
    fn may_hear(self: &Arc<Self>, subscriber: Subscriber) -> MayHearOf {
        let endpoint = Arc::clone(self);
        self.service.may_hear(subscriber, move |token, needed| endpoint.gate.satisfies(token, needed))
    }

    /// Returns a permit for a stream that lasts for long, if one is free.
    fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }

    /// Takes permits for so many requests of a session. Returns `true` if they were free.
    fn has_permit(&self, session: Option<&SessionRequest>, requests: usize) -> bool {
        let Some(session) = session else { return true };
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let permits = Arc::clone(&self.permits).try_acquire_many_owned(requests);
        permits.is_ok_and(|permits| session.permit.set(permits).is_ok())
    }
}

/// Finds what a request asks for, once its headers and its body agree.
fn resolve<'a>(
    dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
    request: &'a message::Request<'a>,
    headers: &HeaderMap,
    caller: &Admitted,
    recording: &mut Recording<'_>,
) -> Result<ResolvedRequest<'a>, (StatusCode, Error)> {
    let session = dispatcher.session.map(|session| session.handshake.version);
    let version = negotiate(headers, request, session).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
    let resolved = dispatcher.resolve(request, version, caller.token(), recording);
    let resolved = resolved.map_err(|error| (status(&error, version), error))?;
    if version.is_modern() {
        mirror_arguments(headers, resolved.operation.mirrored()).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
    }
    Ok(resolved)
}

/// Describes the caller to the methods of the server.
fn caller_of(
    token: Option<AccessToken>,
    parts: Box<Parts>,
    session: Option<&SessionRequest>,
    recording: &Recording<'_>,
) -> Caller {
    let session = session.map(|request| request.key.to_string());
    Caller { token, parts: Some(parts), session, peer: recording.peer(), ..Caller::default() }
}

/// Returns the other end of the connection, where an axum app was told.
#[cfg(feature = "axum")]
fn connected_peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<axum::extract::ConnectInfo<SocketAddr>>().map(|axum::extract::ConnectInfo(peer)| *peer)
}

/// Returns `None`, because there is no axum app.
#[cfg(not(feature = "axum"))]
fn connected_peer(_: &Extensions) -> Option<SocketAddr> {
    None
}

/// Runs a request of a session until its client cancels it. Returns its result.
async fn until_cancelled<'a>(
    session: Session<'_>,
    id: RequestId<'_>,
    work: Pin<&mut impl Future<Output = Result<OperationResult<'a>, Error>>>,
) -> Result<Option<OperationResult<'a>>, Error> {
    let running = session.live.start(id.as_json())?;
    running.until_cancelled(work).await.transpose()
}

/// Pins a future on the heap. It is built in its place, where `Box::pin` would copy it from the stack.
fn boxed<F: Future>(future: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::into_pin(Box::write(Box::new_uninit(), future()))
}

/// The refusal of a request because of its head.
struct HeadRefusal {
    response: Rejection,
    /// Set if the caller was admitted.
    is_known: bool,
}
