//! What only the older versions have: sessions, streams that outlive their connection, and streams without a request
//! (MCP 2025-11-25, "Streamable HTTP").

pub(in crate::transport::http) mod announcements;
pub(in crate::transport::http) mod batch;
pub(in crate::transport::http) mod id;
pub(in crate::transport::http) mod live;
pub(in crate::transport::http) mod replay;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use self::id::{SessionId, seconds};
use self::live::{FinishedStream, ResumableStream, SessionError, SessionGuard, random_name};
use self::replay::{Reader, Replay, parse_id};
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::auth::{Principal, RequiredScopes, TokenDigest};
use crate::protocol::error::Error;
use crate::protocol::message::{self, Notification};
use crate::protocol::version::ProtocolVersion;
use crate::server::{Capacity, Exchange, MayHear, Outbox, Said};
use crate::transport::http::endpoint::Endpoint;
use crate::transport::http::request::headers::{LAST_EVENT_ID, MCP_SESSION_ID, declared_version, single};
use crate::transport::http::response::body::{A_YEAR, Events, ResponseBody, Source};
use crate::transport::http::response::sse;
use crate::transport::http::response::{
    Rejection, empty, failure, method_not_allowed, no_such_session, reject, stream, too_many_sessions, too_many_streams,
};
use crate::transport::session::{Handshake, Session};

/// How long a client should wait before it comes back to a stream that the server has closed.
const RETRY: Duration = Duration::from_secs(1);

/// No id of this server is longer.
const MAX_SESSION_ID: usize = 8 * 1024;

impl<G: Gate> Endpoint<G> {
    /// The session that a request belongs to. A request of 2026-07-28 belongs to none, whatever its headers say.
    pub(in crate::transport::http) fn session(
        &self,
        headers: &HeaderMap,
        caller: &Admitted,
    ) -> Result<Option<Box<SessionId>>, Rejection> {
        if !headers.contains_key(&MCP_SESSION_ID) {
            return Ok(None);
        }
        // What is wrong with the version is said when the message is there.
        let Ok(version) = declared_version(headers) else { return Ok(None) };
        if version.is_some_and(ProtocolVersion::is_modern) {
            return Ok(None);
        }
        let id = match single(headers, &MCP_SESSION_ID) {
            Ok(Some(id)) if id.len() <= MAX_SESSION_ID => id,
            _ => return Err(no_such_session().into()),
        };
        let principal = Principal::of(caller.token());
        let (keys, lifetime) = (&self.service.state_rules().keys, self.limits.session.lifetime);
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

    /// Returns the id of the session that a handshake begins.
    pub(in crate::transport::http) fn begin_session(&self, handshake: Handshake) -> Result<HeaderValue, Error> {
        let id = SessionId::seal(&self.service.state_rules().keys, &self.session_purpose, handshake)?;
        HeaderValue::try_from(id).map_err(|_| Error::internal("The session has no id"))
    }

    /// Serves a message in a session. Its handler goes on when the connection breaks, for a client that comes back.
    pub(in crate::transport::http) async fn serve_in_session(
        self: &Arc<Self>,
        body: Bytes,
        parts: Box<Parts>,
        caller: Admitted,
        id: SessionId,
    ) -> Response<ResponseBody> {
        let state = match self.enter(&id) {
            Ok(state) => state,
            Err(response) => return (*response).map(ResponseBody::from),
        };
        let expires_at = caller.expires_at();
        let outbox = Outbox::new(Capacity::new(&self.limits.streams));
        let session = Arc::new(SessionRequest::new(id, state));
        let (endpoint, in_work, says) = (Arc::clone(self), Arc::clone(&session), outbox.clone());
        let work = Box::pin(async move { endpoint.receive(body, parts, caller, says, Some(in_work)).await });
        let conversation = Conversation {
            exchange: Exchange::new(work, outbox),
            replay: Replay::new(random_name(), Capacity::new(&self.limits.streams)),
            session,
            resume_timeout: self.limits.session.resume_timeout.min(A_YEAR),
        };
        let (begin, beginning) = oneshot::channel();
        tokio::spawn(conversation.hold(begin));
        match beginning.await {
            Ok(Beginning::Answer(response)) => response,
            Ok(Beginning::Stream(reader)) => {
                stream(Events::new(Source::Replay(reader), self.limits.streams.keep_alive, expires_at).opening())
            }
            // It ended without a word, which only a panic or the end of the program brings about.
            Err(_) => reject(StatusCode::INTERNAL_SERVER_ERROR, "The request was not served").map(ResponseBody::from),
        }
    }

    /// GET and DELETE.
    pub(in crate::transport::http) fn handle_without_message(
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
        match self.listen_in_session(&parts.headers, caller, &session) {
            Ok(source) => stream(Events::new(source, self.limits.streams.keep_alive, expires_at)),
            Err(response) => (*response).map(ResponseBody::from),
        }
    }

    /// What a GET request hears: the rest of a stream, or else what the server says by itself.
    fn listen_in_session(
        self: &Arc<Self>,
        headers: &HeaderMap,
        caller: Admitted,
        session: &SessionId,
    ) -> Result<Source, Rejection> {
        let unknown = || -> Rejection {
            reject(StatusCode::BAD_REQUEST, "There is no event with this Last-Event-ID in the session").into()
        };
        let last = match single(headers, &LAST_EVENT_ID) {
            Ok(last) => last.map(|id| parse_id(id).ok_or_else(unknown)).transpose()?,
            Err(_) => return Err(unknown()),
        };
        let state = self.enter(session)?;
        if let Some((name, number)) = last
            && !name.starts_with(announcements::PREFIX)
        {
            let ResumableStream { replay, needed } = state.stream(name).ok_or_else(unknown)?;
            self.gate.authorize(caller, AuditTarget::default(), needed.as_ref())?;
            return replay.read(Some(number)).map(Source::Replay).ok_or_else(unknown);
        }
        let permit = self.permit().ok_or_else(|| too_many_streams(None))?;
        let token = self.gate.authorize(caller, AuditTarget::default(), None)?;
        let may_hear = self.may_hear(token);
        let number = state.announcements.open(last);
        Ok(Source::Announcements(AnnouncementStream { state, number, may_hear, _permit: permit }))
    }

    fn enter(&self, id: &SessionId) -> Result<SessionGuard, Rejection> {
        self.sessions.enter(id).map_err(|error| match error {
            SessionError::Ended => no_such_session().into(),
            SessionError::TooMany => too_many_sessions().into(),
        })
    }
}

/// A request of a session, while it is served.
pub(in crate::transport::http) struct SessionRequest {
    pub(in crate::transport::http) session: Session,
    /// The name of the session in logs.
    pub(in crate::transport::http) key: TokenDigest,
    state: SessionGuard,
    /// The scopes that the caller needs, now and to resume the stream.
    pub(in crate::transport::http) needed: OnceLock<RequiredScopes>,
    /// The permit of a request. Other messages go without: where every request waits for its client, the answers of the
    /// client must get through.
    pub(in crate::transport::http) permit: OnceLock<OwnedSemaphorePermit>,
}

impl SessionRequest {
    fn new(id: SessionId, state: SessionGuard) -> Self {
        let (preferences, live) = (Arc::clone(&state.preferences), Arc::clone(&state.live));
        let session = Session { handshake: id.handshake, preferences, live };
        Self { session, key: id.key, state, needed: OnceLock::new(), permit: OnceLock::new() }
    }
}

/// What only has an effect in a session, if it has one.
pub(in crate::transport::http) fn take_notification(notification: &Notification<'_>, session: Option<&SessionRequest>) {
    if let (Some(id), Some(request)) = (notification.request_id, session) {
        request.session.live.cancel(id.as_json());
    }
}

/// Hands an answer to whoever asked the client of this session.
///
/// # Errors
/// When it can't be accepted, and so has to be an HTTP error (MCP 2025-11-25, Transports, "Sending Messages to the Server").
pub(in crate::transport::http) fn take_answer(
    answer: &message::Response<'_>,
    session: Option<&SessionRequest>,
) -> Result<(), Error> {
    match session {
        Some(request) => request.session.live.questions.resolve(answer),
        None => Err(Error::invalid_request("Invalid request: without a session, the server has asked nothing")),
    }
}

/// A request of a session that is being served, whether its client is connected or not.
struct Conversation {
    exchange: Exchange<'static, Response<ResponseBody>>,
    replay: Arc<Replay>,
    session: Arc<SessionRequest>,
    resume_timeout: Duration,
}

/// How the response to a request begins.
enum Beginning {
    Answer(Response<ResponseBody>),
    Stream(Reader),
}

impl Conversation {
    /// Goes on until everything is said and nobody can want to hear it again, or nobody listens for too long.
    async fn hold(self, begin: oneshot::Sender<Beginning>) {
        let (replay, resume_timeout) = (Arc::clone(&self.replay), self.resume_timeout);
        if let Some(finished) = self.converse(begin).await {
            replay.abandoned(resume_timeout).await;
            finished.release();
        }
    }

    /// Goes on until everything is said, or nobody listens for too long.
    async fn converse(self, mut begin: oneshot::Sender<Beginning>) -> Option<FinishedStream> {
        let Self { mut exchange, replay, session, resume_timeout } = self;
        let can_pause = session.session.handshake.version >= ProtocolVersion::V2025_11_25;
        let first = loop {
            // A client that is gone by now can't come back, but did not say that it wants no answer.
            let gone = async {
                begin.closed().await;
                tokio::time::sleep(resume_timeout).await;
            };
            tokio::select! {
                () = gone => return None,
                said = exchange.next() => match said {
                    Said::CloseStream if !can_pause => {}
                    said => break said,
                }
            }
        };
        let mut said = match first {
            Said::Answer(response) => {
                let _ = begin.send(Beginning::Answer(response));
                return None;
            }
            first => first,
        };
        let offer = Offer::new(&session.state, &replay, session.needed.get());
        if can_pause {
            replay.push(|id| sse::priming(id, RETRY));
        }
        if let Some(reader) = replay.read(None) {
            // If nobody takes it, the stream begins without a reader.
            let _ = begin.send(Beginning::Stream(reader));
        }
        let mut abandoned = pin!(replay.abandoned(resume_timeout));
        loop {
            match said {
                Said::Message(message) => replay.push(|id| sse::event(Some(id), message)),
                Said::CloseStream if can_pause => replay.pause(),
                // A client that has no stream by now has one from here on.
                Said::CloseStream | Said::OpenStream => {}
                Said::Answer(response) => {
                    let answer = response.into_body().into_message();
                    if answer.is_empty() {
                        return None;
                    }
                    replay.push(|id| sse::event(Some(id), answer.into()));
                    break;
                }
            }
            let next = async {
                replay.room().await;
                exchange.next().await
            };
            tokio::select! {
                () = &mut abandoned => {
                    tracing::debug!("a request was cancelled because its client did not come back");
                    return None;
                }
                next = next => said = next,
            }
        }
        Some(offer.keep())
    }
}

/// A stream that a client can come back to, as long as this exists.
struct Offer<'a> {
    state: &'a SessionGuard,
    replay: &'a Arc<Replay>,
    kept: bool,
}

impl<'a> Offer<'a> {
    fn new(state: &'a SessionGuard, replay: &'a Arc<Replay>, needed: Option<&RequiredScopes>) -> Self {
        state.offer(ResumableStream { replay: Arc::clone(replay), needed: needed.cloned() });
        Self { state, replay, kept: false }
    }

    /// Goes on offering it, after the last event.
    fn keep(mut self) -> FinishedStream {
        self.kept = true;
        self.state.keep(self.replay)
    }
}

impl Drop for Offer<'_> {
    fn drop(&mut self) {
        self.replay.finish();
        if !self.kept {
            self.state.forget(self.replay.name());
        }
    }
}

/// A stream of what the server says by itself.
pub(in crate::transport::http) struct AnnouncementStream {
    state: SessionGuard,
    number: u64,
    /// Whether its client may hear of a resource. Another token of the same client may have subscribed.
    may_hear: MayHear,
    _permit: OwnedSemaphorePermit,
}

impl AnnouncementStream {
    /// The next event; `None` at the end.
    pub(in crate::transport::http) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        self.state.announcements.poll_next(self.number, &self.may_hear, cx)
    }
}

impl Drop for AnnouncementStream {
    fn drop(&mut self) {
        self.state.announcements.close(self.number);
    }
}
