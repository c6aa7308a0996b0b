//! What only the older versions have: sessions, streams that outlive their connection, and streams without a request
//! (MCP 2025-11-25, "Streamable HTTP").

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::announcements;
use super::body::{A_YEAR, Events, ResponseBody, Source};
use super::endpoint::{Endpoint, Serving};
use super::headers::{LAST_EVENT_ID, MCP_SESSION_ID, declared_version, single};
use super::replay::{Reader, Replay, parse_id};
use super::respond::{
    Rejection, empty, failure, method_not_allowed, no_such_session, reject, stream, too_many_sessions, too_many_streams,
};
use super::session::{Session, seconds};
use super::sessions::{Finished, InUse, Kept, Unusable, random_name};
use super::sse;
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::auth::{AccessToken, Principal, RequiredScopes};
use crate::protocol::error::Error;
use crate::protocol::message::{self, Notification};
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Exchange, MayHear, Outbox, Said};

/// How long a client should wait before it comes back to a stream that the server has closed.
const RETRY: Duration = Duration::from_secs(1);

/// The longest URI that a session remembers, in bytes.
const MAX_URI: usize = 8 * 1024;

/// No id of this server is longer.
const MAX_SESSION_ID: usize = 8 * 1024;

impl<G: Gate> Endpoint<G> {
    /// The session that a request belongs to. A request of 2026-07-28 belongs to none, whatever its headers say.
    pub(super) fn session(&self, headers: &HeaderMap, caller: &Admitted) -> Result<Option<Box<Session>>, Rejection> {
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
        let (keys, lifetime) = (&self.service.state_rules().keys, self.limits.session_lifetime);
        let session = Session::open(keys, &self.session_purpose, id, &principal, lifetime);
        match session.filter(|session| !self.sessions.has_ended(session)) {
            None => Err(no_such_session().into()),
            Some(session) if version.is_some_and(|version| version != session.version) => {
                let message = "The session speaks another version than MCP-Protocol-Version says";
                Err(reject(StatusCode::BAD_REQUEST, message).into())
            }
            Some(session) => Ok(Some(Box::new(session))),
        }
    }

    /// The id of the session that a handshake begins.
    pub(super) fn begin_session(
        &self,
        request: &message::Request<'_>,
        version: ProtocolVersion,
        token: Option<&AccessToken>,
    ) -> Result<Option<HeaderValue>, Error> {
        if version.is_modern() || request.method != "initialize" {
            return Ok(None);
        }
        let client = request.params.client()?;
        let requested = request.params.protocol_version()?.unwrap_or_default();
        let version = ProtocolVersion::agreed(&requested);
        let keys = &self.service.state_rules().keys;
        let id = Session::begin(keys, &self.session_purpose, version, client, Principal::of(token))?;
        HeaderValue::try_from(id).map(Some).map_err(|_| Error::internal("The session has no id"))
    }

    /// Serves a message in a session. Its handler goes on when the connection breaks, for a client that comes back.
    pub(super) async fn serve_in_session(
        self: &Arc<Self>,
        body: Bytes,
        parts: Box<Parts>,
        caller: Admitted,
        session: Session,
    ) -> Response<ResponseBody> {
        let live = match self.enter(&session) {
            Ok(live) => live,
            Err(response) => return (*response).map(ResponseBody::from),
        };
        let expires_at = caller.expires_at();
        let outbox = Outbox::new(self.limits.queued);
        let serving = Arc::new(Serving { session, live, needed: OnceLock::new(), place: OnceLock::new() });
        let (endpoint, in_work, says) = (Arc::clone(self), Arc::clone(&serving), outbox.clone());
        let work = Box::pin(async move { endpoint.receive(body, parts, caller, says, Some(in_work)).await });
        let conversation = Conversation {
            exchange: Exchange::new(work, outbox),
            replay: Replay::new(random_name(), self.limits.queued),
            serving,
            resume_timeout: self.limits.resume_timeout.min(A_YEAR),
        };
        let (begin, beginning) = oneshot::channel();
        tokio::spawn(conversation.hold(begin));
        match beginning.await {
            Ok(Beginning::Answer(response)) => response,
            Ok(Beginning::Stream(reader)) => {
                stream(Events::new(Source::Replay(reader), self.limits.keep_alive, expires_at).opening())
            }
            // It ended without a word, which only a panic or the end of the program brings about.
            Err(_) => reject(StatusCode::INTERNAL_SERVER_ERROR, "The request was not served").map(ResponseBody::from),
        }
    }

    /// GET and DELETE.
    pub(super) fn handle_without_message(
        self: &Arc<Self>,
        parts: &Parts,
        caller: Admitted,
        session: Option<Box<Session>>,
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
            Ok(source) => stream(Events::new(source, self.limits.keep_alive, expires_at)),
            Err(response) => (*response).map(ResponseBody::from),
        }
    }

    /// What a GET request hears: the rest of a stream, or else what the server says by itself.
    fn listen_in_session(
        self: &Arc<Self>,
        headers: &HeaderMap,
        caller: Admitted,
        session: &Session,
    ) -> Result<Source, Rejection> {
        let unknown = || -> Rejection {
            reject(StatusCode::BAD_REQUEST, "There is no event with this Last-Event-ID in the session").into()
        };
        let last = match single(headers, &LAST_EVENT_ID) {
            Ok(last) => last.map(|id| parse_id(id).ok_or_else(unknown)).transpose()?,
            Err(_) => return Err(unknown()),
        };
        let live = self.enter(session)?;
        if let Some((name, number)) = last
            && !name.starts_with(announcements::PREFIX)
        {
            let Kept { replay, needed } = live.stream(name).ok_or_else(unknown)?;
            self.gate.authorize(caller, AuditTarget::default(), needed.as_ref())?;
            return replay.read(Some(number)).map(Source::Replay).ok_or_else(unknown);
        }
        let place = self.place().ok_or_else(|| too_many_streams(None))?;
        let token = self.gate.authorize(caller, AuditTarget::default(), None)?;
        let may_hear = self.may_hear(token);
        let number = live.announcements.open(last);
        Ok(Source::Announcements(Announced { live, number, may_hear, _place: place }))
    }

    fn enter(&self, session: &Session) -> Result<InUse, Rejection> {
        self.sessions.enter(session).map_err(|unusable| match unusable {
            Unusable::Ended => no_such_session().into(),
            Unusable::TooMany => too_many_sessions().into(),
        })
    }
}

impl Serving {
    /// Says who the client is, which it said in the handshake.
    pub(super) fn identify(&self, caller: Caller) -> Caller {
        Caller {
            client: self.session.client.clone(),
            log_level: self.live.log_level(),
            pending: Some(Arc::clone(&self.live.pending)),
            session: Some(self.session.key.to_string()),
            ..caller
        }
    }

    /// Tells the client of changes of a resource, or no longer.
    pub(super) fn subscribe(&self, uri: &str, on: bool, limit: usize) -> Result<(), Error> {
        if !on {
            self.live.announcements.unsubscribe(uri);
        } else if uri.len() > MAX_URI {
            let message = "which is all that can be subscribed to";
            return Err(Error::invalid_params(format!(
                "Invalid params: `uri` is longer than {MAX_URI} bytes, {message}"
            )));
        } else if !self.live.announcements.subscribe(uri, limit) {
            return Err(Error::invalid_params(format!(
                "Invalid params: the session has {limit} subscriptions already, which is all that this server takes"
            )));
        }
        Ok(())
    }
}

/// What only has an effect in a session, if it has one.
pub(super) fn take_notification(notification: &Notification<'_>, serving: Option<&Serving>) {
    if let (Some(id), Some(serving)) = (notification.request_id, serving) {
        serving.live.cancel(id.as_json());
    }
}

/// Hands an answer to whoever asked the client of this session.
///
/// # Errors
/// When it can't be accepted, and so has to be an HTTP error (MCP 2025-11-25, Transports, "Sending Messages to the Server").
pub(super) fn take_answer(answer: &message::Response<'_>, serving: Option<&Serving>) -> Result<(), Error> {
    match serving {
        Some(serving) => serving.live.pending.resolve(answer),
        None => Err(Error::invalid_request("Invalid request: without a session, the server has asked nothing")),
    }
}

/// A request of a session that is being served, whether its client is connected or not.
struct Conversation {
    exchange: Exchange<Response<ResponseBody>>,
    replay: Arc<Replay>,
    serving: Arc<Serving>,
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
    async fn converse(self, mut begin: oneshot::Sender<Beginning>) -> Option<Finished> {
        let Self { mut exchange, replay, serving, resume_timeout } = self;
        let live = &serving.live;
        let can_pause = serving.session.version >= ProtocolVersion::V2025_11_25;
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
        let offer = Offer::new(live, &replay, serving.needed.get());
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
    live: &'a InUse,
    replay: &'a Arc<Replay>,
    kept: bool,
}

impl<'a> Offer<'a> {
    fn new(live: &'a InUse, replay: &'a Arc<Replay>, needed: Option<&RequiredScopes>) -> Self {
        live.offer(Kept { replay: Arc::clone(replay), needed: needed.cloned() });
        Self { live, replay, kept: false }
    }

    /// Goes on offering it, after the last event.
    fn keep(mut self) -> Finished {
        self.kept = true;
        self.live.keep(self.replay)
    }
}

impl Drop for Offer<'_> {
    fn drop(&mut self) {
        self.replay.finish();
        if !self.kept {
            self.live.forget(self.replay.name());
        }
    }
}

/// A stream of what the server says by itself.
pub(super) struct Announced {
    live: InUse,
    number: u64,
    /// Whether its client may hear of a resource. Another token of the same client may have subscribed.
    may_hear: MayHear,
    _place: OwnedSemaphorePermit,
}

impl Announced {
    /// The next event; `None` at the end.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        self.live.announcements.poll_next(self.number, &self.may_hear, cx)
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.live.announcements.close(self.number);
    }
}
