//! One request to the MCP endpoint, from its head to its answer. The order of the steps is the security model: who is
//! calling is settled before anything of the body is read, and what they may call before any of the user's code runs.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;
use mcp_core::NormalUri;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::cors::{self, Cors};
use super::request::discard::{OF_A_STRANGER, Unwanted, of_a_caller};
use super::request::headers::{
    Accepted, MCP_SESSION_ID, declared_version, has_json_body, is_encoded, mirror_arguments, negotiate,
};
use super::request::origin::OriginPolicy;
use super::response::body::{Events, ResponseBody, Source};
use super::response::late::or_stream;
use super::response::page::Page;
use super::response::{
    Rejection, accept, as_stream, empty, failure, method_not_allowed, refuse_foreign, reject, silence, status, stream,
    too_many_streams, unsupported_encoding,
};
use super::session::live::Sessions;
use super::session::{SessionRequest, take_answer, take_notification};
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::auth::{AccessToken, RequiredScopes};
use crate::json::bytes::unmarked;
use crate::json_response::json_response;
use crate::limits::Limits;
use crate::protocol::error::Error;
use crate::protocol::message::{self, Message, RequestId};
use crate::protocol::response;
use crate::server::{Caller, Capacity, Catalog, Exchange, Listening, MayHear, Outbox, Said, Service};
use crate::transport::dispatch::{Action, Decision, Dispatcher, ResolvedRequest};

/// How much memory is taken on the word of a client that announces a long body, in bytes: as much as a body may have by
/// default. Beyond, it takes what arrives.
const MAX_RESERVED: usize = 4 * 1024 * 1024;

pub(super) struct Endpoint<G> {
    pub(super) service: Arc<Service>,
    pub(super) gate: G,
    pub(super) origins: OriginPolicy,
    /// For people who come with a browser and no token.
    pub(super) page: Option<Page>,
    pub(super) limits: Limits,
    pub(super) sessions: Arc<Sessions>,
    pub(super) session_purpose: String,
    /// A permit for each stream that lasts for long, and for each request that can become one.
    pub(super) permits: Arc<Semaphore>,
}

/// The body of a request, of whatever server.
pub(crate) trait RequestBody:
    Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> RequestBody for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static
{
}

/// A response on its way: the answer, or a stream as soon as something is said before it or it takes long.
pub(crate) struct Responding {
    exchange: Option<Exchange<'static, Answer>>,
    keep_alive: Duration,
    /// On an endpoint that is shared with pages of other origins.
    cors: Option<Box<Cors>>,
}

/// What is answered to a request.
pub(super) struct Answer {
    pub(super) response: Response<ResponseBody>,
    /// In which of the two forms, if nothing was said before.
    as_stream: bool,
}

impl Future for Responding {
    type Output = Response<ResponseBody>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = ready!(self.poll_response(cx));
        if let Some(cors) = self.cors.take() {
            cors.apply(response.headers_mut());
        }
        Poll::Ready(response)
    }
}

impl Responding {
    fn poll_response(&mut self, cx: &mut Context<'_>) -> Poll<Response<ResponseBody>> {
        loop {
            let Some(exchange) = &mut self.exchange else { return Poll::Pending };
            let first = match ready!(exchange.poll_next(cx)) {
                Said::Answer(Answer { response, as_stream: false }) => return Poll::Ready(response),
                Said::Answer(Answer { response, as_stream: true }) => return Poll::Ready(as_stream(response)),
                Said::Message(first) => Some(first),
                Said::OpenStream => None,
                // There is no stream yet, and none that could be resumed.
                Said::CloseStream => continue,
            };
            let expires_at = exchange.expires_at();
            let Some(exchange) = self.exchange.take() else { return Poll::Pending };
            let source = Source::Exchange { first, exchange };
            return Poll::Ready(stream(Events::new(source, self.keep_alive, expires_at).opening()));
        }
    }
}

impl<G: Gate> Endpoint<G> {
    pub(super) fn handle<B: RequestBody>(self: &Arc<Self>, request: Request<B>) -> Responding {
        let (parts, body) = request.into_parts();
        let cors = self.origins.cors(&parts.headers);
        let is_preflight = cors.as_ref().is_some_and(|cors| cors.is_preflight(&parts));
        let outbox = Outbox::new(Capacity::new(&self.limits.streams));
        // The head is handed on a few times, and the future is moved into its box.
        let work = Box::pin(Arc::clone(self).answer_to(Box::new(parts), body, outbox.clone(), is_preflight));
        Responding { exchange: Some(Exchange::new(work, outbox)), keep_alive: self.limits.streams.keep_alive, cors }
    }

    /// What comes after the body is in boxes of its own: a request that is refused does without, which is 5 % of its cost.
    async fn answer_to<B: RequestBody>(
        self: Arc<Self>,
        mut parts: Box<Parts>,
        mut body: B,
        outbox: Outbox,
        is_preflight: bool,
    ) -> Answer {
        let whole = |response: Response<ResponseBody>| Answer { response, as_stream: false };
        let of_a_caller = of_a_caller(self.limits.request.body_bytes);
        let unwanted =
            |body: B, parts: &Parts, limit| Unwanted::new(body, parts, limit, self.limits.request.body_timeout);
        let refuse = |mut response: Response<Bytes>, body: Unwanted<B>| {
            body.discard(&mut response);
            whole(response.map(ResponseBody::from))
        };
        let (caller, accepted) = match self.admit(&mut parts, is_preflight).await {
            Ok(admitted) => admitted,
            Err(Refused { response, is_known }) => {
                let limit = if is_known { of_a_caller } else { OF_A_STRANGER };
                return refuse(*response, unwanted(body, &parts, limit));
            }
        };
        let (session, gone) = match self.session(&parts.headers, &caller) {
            Ok(session) => (session, None),
            // A client may begin another session before it forgets this one.
            Err(gone) if gone.status() == StatusCode::NOT_FOUND && parts.method == Method::POST => (None, Some(gone)),
            Err(response) => return refuse(*response, unwanted(body, &parts, of_a_caller)),
        };
        if parts.method != Method::POST {
            let body = unwanted(body, &parts, of_a_caller);
            let mut response = self.handle_without_message(&parts, caller, session);
            body.discard(&mut response);
            return whole(response);
        }
        let body = match self.read(&mut body).await {
            Ok(body) => body,
            Err(Unread { response, has_begun }) => {
                let body = unwanted(body, &parts, of_a_caller);
                return refuse(response, Unwanted { is_coming: body.is_coming || has_begun, ..body });
            }
        };
        if let Some(gone) = gone
            && !self.begins_session(&body)
        {
            return whole((*gone).map(ResponseBody::from));
        }
        if let Some(time) = caller.expires_at() {
            outbox.close_at(time);
        }
        let response = match session {
            None => Box::pin(self.receive(body, parts, caller, outbox, None)).await,
            Some(session) => Box::pin(self.serve_in_session(body, parts, caller, *session)).await,
        };
        let as_stream = accepted.events_first && response.status() == StatusCode::OK;
        Answer { response, as_stream }
    }

    /// Takes a message in and gives its answer, if it has one.
    pub(super) async fn receive(
        self: &Arc<Self>,
        body: Bytes,
        parts: Box<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<Arc<SessionRequest>>,
    ) -> Response<ResponseBody> {
        let session = session.as_deref();
        if let Some(batch) = self.batch(&body, &parts.headers, session) {
            return match batch {
                Ok(batch) => self.answer_batch(&batch, &parts, caller, &outbox, session).await,
                Err(unreadable) => failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error),
            }
            .map(ResponseBody::from);
        }
        match &Message::parse(&body, self.limits.request.json_depth) {
            Ok(Message::Request(request)) => return self.answer(request, parts, caller, outbox, session).await,
            Ok(Message::Notification(notification)) => {
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
                match declared_version(&parts.headers).and_then(|_| take_answer(answer, session)) {
                    Ok(()) => empty(StatusCode::ACCEPTED),
                    Err(error) => failure(StatusCode::BAD_REQUEST, None, &error),
                }
            }
            Err(unreadable) => failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error),
        }
        .map(ResponseBody::from)
    }

    /// All that the head of a request decides.
    async fn admit(&self, parts: &mut Parts, is_preflight: bool) -> Result<(Admitted, Accepted), Refused> {
        let refuse = |response, is_known| Refused { response: Box::new(response), is_known };
        if let Err(foreign) = self.origins.check(parts) {
            return Err(refuse(refuse_foreign(foreign), false));
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
        let accepted = Accepted::of(&parts.headers);
        let acceptable = match parts.method {
            Method::POST if !has_json_body(&parts.headers) => {
                Err(reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"))
            }
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

    async fn read<B: RequestBody>(&self, body: &mut B) -> Result<Bytes, Unread> {
        let limit = self.limits.request.body_bytes;
        let too_large = |has_begun| {
            let message = format!("The body is larger than {limit} bytes");
            let response = failure(StatusCode::PAYLOAD_TOO_LARGE, None, &Error::invalid_request(message));
            Unread { response, has_begun }
        };
        // Announced as too large: not worth the reading.
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large(false));
        }
        let mut read = pin!(collect(body, limit));
        // Nearly always it has come together with the head, and nothing has to be timed.
        let at_once = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await;
        let read = match at_once {
            Poll::Ready(read) => Ok(read),
            Poll::Pending => tokio::time::timeout(self.limits.request.body_timeout, read).await,
        };
        let broken = |status, message| Unread { response: reject(status, message), has_begun: true };
        match read {
            Ok(Ok(body)) => Ok(unmarked(body)),
            Ok(Err(Uncollected::TooLarge)) => Err(too_large(true)),
            Ok(Err(Uncollected::Broken)) => Err(broken(StatusCode::BAD_REQUEST, "The body could not be read")),
            Err(_) => Err(broken(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time")),
        }
    }

    /// Returns `true` if a body is the message with which a session begins.
    fn begins_session(&self, body: &Bytes) -> bool {
        let message = Message::parse(body, self.limits.request.json_depth);
        matches!(message, Ok(Message::Request(request)) if request.method == "initialize")
    }

    async fn answer(
        self: &Arc<Self>,
        request: &message::Request<'_>,
        parts: Box<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<&SessionRequest>,
    ) -> Response<ResponseBody> {
        let catalog = self.service.catalog();
        let dispatcher = self.dispatcher(&catalog, session);
        let mut decision = match self.decide(&dispatcher, request, parts, caller, session).await {
            Ok(decision) => decision,
            Err(response) => return response.map(ResponseBody::from),
        };
        let (version, handshake) = (decision.version, decision.handshake.take());
        if let Action::Listen(listening) = decision.action {
            return self.listen(request.id, listening, decision.caller.token);
        }
        let failed = |error: &Error| failure(status(error, version), Some(request.id), error).map(ResponseBody::from);
        let session_id = match handshake.map(|handshake| self.begin_session(*handshake)).transpose() {
            Ok(session_id) => session_id,
            Err(error) => return failed(&error),
        };
        let run = pin!(run(&dispatcher, decision, outbox.clone()));
        match or_stream(run, &outbox, self.limits.request.stream_after).await {
            Ok(Some(result)) => {
                let mut response = json_response(StatusCode::OK, response::success(request.id, &result));
                if let Some(id) = session_id {
                    response.headers_mut().insert(&MCP_SESSION_ID, id);
                }
                response.map(ResponseBody::from)
            }
            Ok(None) => silence().map(ResponseBody::from),
            Err(error) => failed(&error),
        }
    }

    /// Decides about a request.
    async fn decide<'a>(
        &self,
        dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
        request: &'a message::Request<'a>,
        parts: Box<Parts>,
        caller: Admitted,
        session: Option<&SessionRequest>,
    ) -> Result<Decision<'a>, Response<Bytes>> {
        // The request is resolved before its caller is authorized, because the scopes depend on it. Its errors are reported
        // afterwards, because they are of no concern to callers who lack scopes.
        let resolved = resolve(dispatcher, request, &parts.headers, &caller);
        let needed = resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed());
        if let (Some(session), Some(needed)) = (session, needed) {
            let _ = session.needed.set(needed.clone());
        }
        let target = request.target();
        let asked = AuditTarget { id: Some(request.id), method: Some(&request.method), target: target.as_ref() };
        let token = self.gate.authorize(caller, asked, needed).map_err(|refused| *refused)?;
        let failed = |(status, error): (_, Error)| failure(status, Some(request.id), &error);
        let resolved = resolved.map_err(failed)?;
        if !self.has_permit(session, 1) {
            return Err(too_many_streams(Some(request.id)));
        }
        let version = resolved.version;
        let decided = dispatcher.decide(resolved, caller_of(token, parts, session)).await;
        decided.map_err(|error| failed((status(&error, version), error)))
    }

    /// Returns the response to `subscriptions/listen`: a stream that ends when the server does.
    fn listen(
        self: &Arc<Self>,
        id: RequestId<'_>,
        listening: Listening,
        token: Option<AccessToken>,
    ) -> Response<ResponseBody> {
        let Some(permit) = self.permit() else { return too_many_streams(Some(id)).map(ResponseBody::from) };
        let expires_at = token.as_ref().and_then(|token| token.expires_at);
        let listening = listening.checked_by(self.may_hear(token));
        let source = Source::Listening { listening: Some(listening), _place: permit };
        stream(Events::new(source, self.limits.streams.keep_alive, expires_at))
    }

    pub(super) fn dispatcher<'a>(
        &'a self,
        catalog: &'a Catalog,
        session: Option<&'a SessionRequest>,
    ) -> Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool> {
        Dispatcher {
            service: &self.service,
            catalog,
            session: session.map(|request| &request.session),
            max_subscriptions: self.limits.streams.subscriptions,
            satisfies: |token: Option<&AccessToken>, needed: &RequiredScopes| self.gate.satisfies(token, needed),
        }
    }

    /// Which resources a caller may read, by the parts that the server has when it is asked.
    pub(super) fn may_hear(self: &Arc<Self>, token: Option<AccessToken>) -> MayHear {
        let endpoint = Arc::clone(self);
        Box::new(move |uri| {
            let catalog = endpoint.service.catalog();
            let uri = NormalUri::parse(uri).ok();
            let found = uri.and_then(|uri| catalog.resource(&uri));
            found.is_some_and(|found| endpoint.gate.satisfies(token.as_ref(), &found.needed))
        })
    }

    /// Returns a permit for a stream that lasts for long, if one is free.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }

    /// Takes permits for so many requests of a session. Returns `true` if they were free.
    pub(super) fn has_permit(&self, session: Option<&SessionRequest>, requests: usize) -> bool {
        let Some(session) = session else { return true };
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let permits = Arc::clone(&self.permits).try_acquire_many_owned(requests);
        permits.is_ok_and(|permits| session.permit.set(permits).is_ok())
    }
}

/// Finds what a request asks for, once its headers and its body agree.
pub(super) fn resolve<'a>(
    dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
    request: &'a message::Request<'a>,
    headers: &HeaderMap,
    caller: &Admitted,
) -> Result<ResolvedRequest<'a>, (StatusCode, Error)> {
    let session = dispatcher.session.map(|session| session.handshake.version);
    let version = negotiate(headers, request, session).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
    let resolved =
        dispatcher.resolve(request, version, caller.token()).map_err(|error| (status(&error, version), error))?;
    if version.is_modern() {
        mirror_arguments(headers, resolved.operation.mirrored()).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
    }
    Ok(resolved)
}

pub(super) fn caller_of(token: Option<AccessToken>, parts: Box<Parts>, session: Option<&SessionRequest>) -> Caller {
    let session = session.map(|request| request.key.to_string());
    Caller { token, parts: Some(parts), session, ..Caller::default() }
}

/// Runs a request, in a session until its client cancels it. Returns its result.
pub(super) async fn run<'a>(
    dispatcher: &Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool>,
    decision: Decision<'a>,
    outbox: Outbox,
) -> Result<Option<Cow<'a, [u8]>>, Error> {
    let id = decision.request.id.as_json();
    let running = dispatcher.session.map(|session| session.live.start(id)).transpose()?;
    let work = pin!(dispatcher.run(decision, outbox));
    match running {
        None => work.await.map(Some),
        Some(running) => running.until_cancelled(work).await.transpose(),
    }
}

/// A request that is refused by its head.
struct Refused {
    response: Rejection,
    /// Set if its caller is one who is let in.
    is_known: bool,
}

/// The answer to a body that can't be read.
struct Unread {
    response: Response<Bytes>,
    /// Set if a client that waited to be asked has been asked.
    has_begun: bool,
}

/// Why a body is not there.
enum Uncollected {
    TooLarge,
    Broken,
}

/// All of a body of at most so many bytes. Nearly always its first piece is all there is, and then nothing is copied.
async fn collect<B: RequestBody>(body: &mut B, limit: usize) -> Result<Bytes, Uncollected> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(limit).min(limit).min(MAX_RESERVED);
    let mut first = Bytes::new();
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing to this protocol.
        let Ok(data) = frame.map_err(|_| Uncollected::Broken)?.into_data() else { continue };
        if data.len() > limit - first.len().max(all.len()) {
            return Err(Uncollected::TooLarge);
        }
        if first.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve_exact(expected);
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.into() })
}
