//! One request to the MCP endpoint, from its head to its answer. The order of the steps is the security model: who is
//! calling is settled before anything of the body is read, and what they may call before any of the user's code runs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, EXPECT, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::{Events, ResponseBody, Source};
use super::headers::{accepts_both, declared_version, has_json_body, mirror_arguments, negotiate};
use super::origin::{Foreign, OriginPolicy};
use crate::auth::Needed;
use crate::auth::guard::{Admitted, Asked, Gate, Refused};
use crate::protocol::error::{
    Error, HEADER_MISMATCH, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, MISSING_CAPABILITY,
    PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION,
};
use crate::protocol::message::{self, Message, RequestId};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Catalog, Exchange, Listening, Operation, Outbox, RequestContext, Said, Service};

/// What a refused client still has to send is on its way already, or is not worth waiting for.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Endpoint<G> {
    pub(super) service: Arc<Service>,
    pub(super) gate: G,
    pub(super) origins: OriginPolicy,
    pub(super) max_body_bytes: usize,
    pub(super) max_json_depth: usize,
    pub(super) body_timeout: Duration,
    pub(super) keep_alive: Duration,
    pub(super) max_subscriptions: usize,
    /// A permit for each stream that lasts for long.
    pub(super) places: Arc<Semaphore>,
}

impl<G: Gate> Endpoint<G> {
    pub(super) async fn handle<B>(self: &Arc<Self>, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let (mut parts, body) = request.into_parts();
        let caller = match self.admit(&mut parts).await {
            Ok(caller) => caller,
            Err(response) => {
                self.discard(body, &parts);
                return response.map(ResponseBody::from);
            }
        };
        let body = match self.read(body).await {
            Ok(body) => body,
            Err(response) => return response.map(ResponseBody::from),
        };
        let expires_at = caller.expires_at();
        let outbox = Outbox::default();
        let work = Arc::clone(self).receive(body, parts, caller, outbox.clone());
        let mut exchange = Exchange::new(work, outbox);
        loop {
            match exchange.next().await {
                Said::Answer(response) => return response.map(ResponseBody::from),
                Said::Message(first) => {
                    let source = Source::Exchange { first: Some(first), exchange };
                    return stream(Events::new(source, self.keep_alive, expires_at));
                }
                // There is no stream yet, and none that could be resumed.
                Said::CloseStream => {}
            }
        }
    }

    /// Takes a message in and gives its answer, if it has one.
    async fn receive(self: Arc<Self>, body: Bytes, parts: Parts, caller: Admitted, outbox: Outbox) -> Response<Bytes> {
        match Message::parse(&body, self.max_json_depth) {
            Ok(Message::Request(request)) => self.answer(&request, parts, caller, outbox).await,
            Ok(Message::Notification(notification)) => {
                let asked = Asked { method: Some(&notification.method), tool: None };
                match self.gate.authorize(caller, asked, None) {
                    Ok(_) => accept(&parts.headers),
                    Err(refused) => turn_away(refused),
                }
            }
            Ok(Message::Response(_)) => accept(&parts.headers),
            Err(unreadable) => failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error),
        }
    }

    /// All that the head of a request decides.
    async fn admit(&self, parts: &mut Parts) -> Result<Admitted, Response<Bytes>> {
        if let Err(foreign) = self.origins.check(&parts.uri, &parts.headers) {
            return Err(refuse_foreign(&foreign, parts));
        }
        let caller = self.gate.admit(&parts.headers).await.map_err(turn_away)?;
        // A handler has no use for the raw token, and must not pass it on.
        parts.headers.remove(AUTHORIZATION);
        if parts.method != Method::POST {
            let mut response = reject(StatusCode::METHOD_NOT_ALLOWED, "This endpoint takes POST requests only");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return Err(response);
        }
        if !has_json_body(&parts.headers) {
            return Err(reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"));
        }
        if !accepts_both(&parts.headers) {
            let message = "Accept must list application/json and text/event-stream";
            return Err(reject(StatusCode::NOT_ACCEPTABLE, message));
        }
        Ok(caller)
    }

    /// Lets the body of a refused request arrive and forgets it, while the client has its answer already. A body that
    /// nobody reads would close the connection, and a client that doesn't expect that loses its next request.
    fn discard<B>(&self, body: B, parts: &Parts)
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        // Reading would invite a client that waits to be asked.
        if body.is_end_stream() || parts.headers.contains_key(EXPECT) {
            return;
        }
        let body = Limited::new(body, self.max_body_bytes);
        tokio::spawn(tokio::time::timeout(self.body_timeout.min(DISCARD_TIMEOUT), async move {
            let mut body = std::pin::pin!(body);
            while let Some(Ok(_)) = body.frame().await {}
        }));
    }

    async fn read<B>(&self, body: B) -> Result<Bytes, Response<Bytes>>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        let limit = self.max_body_bytes;
        let too_large = || {
            let message = format!("The body is larger than {limit} bytes");
            failure(StatusCode::PAYLOAD_TOO_LARGE, None, &Error::invalid_request(message))
        };
        // Announced as too large: not worth the reading.
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large());
        }
        let body = std::pin::pin!(body);
        let read = Limited::new(body, limit).collect();
        match tokio::time::timeout(self.body_timeout, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(reject(StatusCode::BAD_REQUEST, "The body could not be read")),
            Err(_) => Err(reject(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time")),
        }
    }

    async fn answer(
        &self,
        request: &message::Request<'_>,
        parts: Parts,
        caller: Admitted,
        outbox: Outbox,
    ) -> Response<Bytes> {
        let catalog = self.service.catalog();
        let understood = self.understand(&catalog, request, &parts.headers, &caller);
        if let Ok((Operation::Listen, version)) = &understood {
            return self.listen(request, *version, &catalog, caller, &outbox).await;
        }
        let needed = understood.as_ref().ok().and_then(|(operation, _)| operation.needed());
        let tool = request.tool();
        let asked = Asked { method: Some(&request.method), tool: tool.as_deref() };
        let token = match self.gate.authorize(caller, asked, needed) {
            Ok(token) => token,
            Err(refused) => return turn_away(refused),
        };
        let (operation, version) = match understood {
            Ok(understood) => understood,
            Err((status, error)) => return failure(status, Some(request.id), &error),
        };
        let caller = Caller { token, parts: Some(parts), ..Caller::default() };
        let result = match RequestContext::new(&self.service, request, version, caller, outbox) {
            Ok(context) => catalog.run(operation, &Arc::new(context)).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(members) => json(StatusCode::OK, response::success(request.id, &members)),
            Err(error) => failure(status(&error, version), Some(request.id), &error),
        }
    }

    /// Answers `subscriptions/listen`, with a stream that ends when the server does.
    async fn listen(
        &self,
        request: &message::Request<'_>,
        version: ProtocolVersion,
        catalog: &Catalog,
        caller: Admitted,
        outbox: &Outbox,
    ) -> Response<Bytes> {
        let covers = |needed: &Needed| self.gate.covers(&caller, needed);
        let listening = Listening::begin(request, catalog, self.service.listeners(), self.max_subscriptions, covers);
        let asked = Asked { method: Some(&request.method), tool: None };
        if let Err(refused) = self.gate.authorize(caller, asked, None) {
            return turn_away(refused);
        }
        let listening = match listening {
            Ok(listening) => listening,
            Err(error) => return failure(status(&error, version), Some(request.id), &error),
        };
        let Some(_place) = self.place() else { return too_many_streams(Some(request.id)) };
        json(StatusCode::OK, listening.run(outbox).await)
    }

    /// A place for a stream that lasts for long, if one is free.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// What a request asks for, and in which version of the protocol.
    fn understand<'a>(
        &self,
        catalog: &'a Catalog,
        request: &message::Request<'a>,
        headers: &HeaderMap,
        caller: &Admitted,
    ) -> Result<(Operation<'a>, ProtocolVersion), (StatusCode, Error)> {
        let version = negotiate(headers, request).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
        let covers = |needed: &Needed| self.gate.covers(caller, needed);
        let operation =
            catalog.operation(request, version, covers).map_err(|error| (status(&error, version), error))?;
        if version.is_modern() {
            mirror_arguments(headers, operation.mirrored()).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
        }
        Ok((operation, version))
    }
}

/// Older versions know an HTTP status for broken messages only; the rest is between client and server.
fn status(error: &Error, version: ProtocolVersion) -> StatusCode {
    if !version.is_modern() {
        return StatusCode::OK;
    }
    match error.code() {
        Some(
            PARSE_ERROR
            | INVALID_REQUEST
            | INVALID_PARAMS
            | HEADER_MISMATCH
            | MISSING_CAPABILITY
            | UNSUPPORTED_PROTOCOL_VERSION,
        ) => StatusCode::BAD_REQUEST,
        Some(METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        Some(INTERNAL_ERROR) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::OK,
    }
}

fn refuse_foreign(foreign: &Foreign, parts: &Parts) -> Response<Bytes> {
    match foreign {
        Foreign::Host => {
            match parts.headers.get(http::header::HOST) {
                Some(host) => {
                    tracing::warn!(?host, "refused a request for another host; `Http::allow_hosts` admits it")
                }
                None => tracing::warn!("refused a request without a `Host`"),
            }
            reject(StatusCode::MISDIRECTED_REQUEST, "This server does not answer for the requested host")
        }
        Foreign::Origin => {
            let origin = parts.headers.get(http::header::ORIGIN);
            tracing::warn!(?origin, "refused a request from another origin; `Http::allow_origins` admits it");
            reject(StatusCode::FORBIDDEN, "This server does not answer to the requesting origin")
        }
    }
}

#[expect(clippy::expect_used, reason = "the statuses of refusals are constants")]
fn turn_away(refused: Refused) -> Response<Bytes> {
    let status = StatusCode::from_u16(refused.refusal.status()).expect("a status");
    let mut response = json(status, refused.body);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = refused.challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = refused.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A message that has no answer.
fn accept(headers: &HeaderMap) -> Response<Bytes> {
    match declared_version(headers) {
        Ok(_) => empty(StatusCode::ACCEPTED),
        Err(error) => failure(StatusCode::BAD_REQUEST, None, &error),
    }
}

/// A request that did not get as far as JSON-RPC.
fn reject(status: StatusCode, message: &'static str) -> Response<Bytes> {
    failure(status, None, &Error::invalid_request(message))
}

fn failure(status: StatusCode, id: Option<RequestId<'_>>, error: &Error) -> Response<Bytes> {
    json(status, response::failure(id, error))
}

fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn too_many_streams(id: Option<RequestId<'_>>) -> Response<Bytes> {
    tracing::warn!("refused a stream because there are too many; `Http::max_streams` allows more");
    let error = Error::internal("There are too many open streams; try again later");
    let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, id, &error);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn stream(events: Events) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies would hold events back until there are enough of them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
