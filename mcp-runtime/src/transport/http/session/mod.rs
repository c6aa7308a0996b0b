//! Sessions and resumable streams, which only versions before 2026-07-28 have (MCP 2025-11-25, "Streamable HTTP").

mod address;
pub(in crate::transport::http) mod announcements;
mod answers;
pub(in crate::transport::http) mod batch;
mod ended;
pub(in crate::transport::http) mod id;
pub(in crate::transport::http) mod live;
mod read_records;
mod refresh;
mod relay;
mod relays;
pub(in crate::transport::http) mod remote_stream;
pub(in crate::transport::http) mod replay;
pub(in crate::transport::http) mod replicas;
mod taken_answers;

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::sync::oneshot;

use self::id::SessionId;
use self::live::{FinishedStream, ResumableStream, SessionGuard};
use self::replay::{Reader, Replay};
use crate::auth::{RequiredScopes, TokenDigest};
use crate::protocol::error::Error;
use crate::protocol::message::{self, Notification};
use crate::protocol::version::ProtocolVersion;
use crate::server::{Exchange, Hearing, MayHearOf, ServerMessage};
use crate::transport::http::response::body::{EventSource, ResponseBody};
use crate::transport::http::response::expiry::A_YEAR;
use crate::transport::http::response::sse;
use crate::transport::http::room::LastingPermits;
use crate::transport::session::{Handshake, Session};

/// The pause before a client reconnects to a stream that the server has closed.
const RETRY: Duration = Duration::from_secs(1);

/// A request of a session, while it is served.
pub(in crate::transport::http) struct SessionRequest {
    handshake: Handshake,
    /// The name of the session in logs.
    pub(in crate::transport::http) key: TokenDigest,
    state: SessionGuard,
    /// The scopes that the caller needs, now and to resume the stream.
    pub(in crate::transport::http) needed: OnceLock<RequiredScopes>,
    /// The permits for what outlives the connection. Messages other than requests have none.
    pub(in crate::transport::http) permits: OnceLock<LastingPermits>,
}

impl SessionRequest {
    pub(in crate::transport::http) fn new(id: SessionId, state: SessionGuard) -> Self {
        Self { handshake: id.handshake, key: id.key, state, needed: OnceLock::new(), permits: OnceLock::new() }
    }

    /// Returns the session of the request.
    pub(in crate::transport::http) fn session(&self) -> Session<'_> {
        Session { handshake: &self.handshake, preferences: &self.state.preferences, live: &self.state.live }
    }
}

/// Applies a notification, which only has an effect in a session.
pub(in crate::transport::http) fn take_notification(notification: &Notification<'_>, session: Option<&SessionRequest>) {
    if let (Some(id), Some(request)) = (notification.request_id, session) {
        request.state.cancel(id);
    }
}

/// Hands an answer of the client to the question in its session.
///
/// # Errors
/// An answer that is not accepted, which has to be an HTTP error (MCP 2025-11-25, Transports, "Sending Messages to the Server").
pub(in crate::transport::http) async fn take_answer(
    answer: &message::Response<'_>,
    session: Option<&SessionRequest>,
) -> Result<(), Error> {
    match session {
        Some(request) => request.state.take_answer(answer).await,
        None => Err(Error::invalid_request("Invalid request: without a session, the server has asked nothing")),
    }
}

/// The serving of a request in a session, whether its client is connected or not.
pub(in crate::transport::http) struct Conversation {
    exchange: Exchange<'static, Response<ResponseBody>>,
    replay: Arc<Replay>,
    session: Arc<SessionRequest>,
    resume_timeout: Duration,
}

/// The begin of the response to a request.
pub(in crate::transport::http) enum Opening {
    Response(Response<ResponseBody>),
    Stream(Reader),
}

impl Conversation {
    /// Spawns the serving of a request, and returns the begin of its response; `None` if it ends without one.
    pub(in crate::transport::http) async fn begin(
        exchange: Exchange<'static, Response<ResponseBody>>,
        replay: Arc<Replay>,
        session: Arc<SessionRequest>,
        resume_timeout: Duration,
    ) -> Option<Opening> {
        let resume_timeout = resume_timeout.min(A_YEAR);
        let (begin, opening) = oneshot::channel();
        tokio::spawn(Self { exchange, replay, session, resume_timeout }.hold(begin));
        opening.await.ok()
    }

    /// Serves until the last event, and keeps the stream for a client that resumes it.
    async fn hold(self, begin: oneshot::Sender<Opening>) {
        let (replay, resume_timeout) = (Arc::clone(&self.replay), self.resume_timeout);
        if let Some(finished) = self.converse(begin).await {
            tokio::select! {
                () = replay.abandoned(resume_timeout) => {}
                () = replay.dismissed() => {}
            }
            finished.release();
        }
    }

    /// Serves until the last event, or until the client is gone for too long.
    async fn converse(self, mut begin: oneshot::Sender<Opening>) -> Option<FinishedStream> {
        let Self { mut exchange, replay, session, resume_timeout } = self;
        let can_pause = session.handshake.version >= ProtocolVersion::V2025_11_25;
        let first = loop {
            // A client that is gone by now can't come back, but did not say that it wants no answer.
            let gone = async {
                begin.closed().await;
                tokio::time::sleep(resume_timeout).await;
            };
            tokio::select! {
                () = gone => return None,
                said = exchange.next() => match said {
                    ServerMessage::CloseStream if !can_pause => {}
                    said => break said,
                }
            }
        };
        let mut said = match first {
            ServerMessage::Response(response) => {
                let _ = begin.send(Opening::Response(response));
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
            let _ = begin.send(Opening::Stream(reader));
        }
        let mut abandoned = pin!(replay.abandoned(resume_timeout));
        loop {
            match said {
                ServerMessage::Message(message, permit) => replay.push(|id| sse::event(Some(id), message, permit)),
                ServerMessage::CloseStream if can_pause => replay.pause(),
                // A client that has no stream by now has one from here on.
                ServerMessage::CloseStream | ServerMessage::OpenStream => {}
                ServerMessage::Response(response) => {
                    let answer = response.into_body().into_message();
                    if answer.bytes.is_empty() {
                        return None;
                    }
                    replay.push(|id| answer.into_event(Some(id)));
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

/// The registration of a resumable stream, which lasts as long as this value.
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

    /// Keeps the registration after the last event.
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

/// A stream of announcements.
pub(in crate::transport::http) struct AnnouncementStream {
    state: SessionGuard,
    number: u64,
    /// The changes that the client may hear of. Another token of the same client may have subscribed.
    hearing: Hearing,
    _permits: LastingPermits,
}

impl AnnouncementStream {
    pub(in crate::transport::http) fn new(
        state: SessionGuard,
        number: u64,
        may_hear: MayHearOf,
        permits: LastingPermits,
    ) -> Self {
        Self { state, number, hearing: Hearing::new(may_hear), _permits: permits }
    }
}

impl EventSource for AnnouncementStream {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Self { state, number, hearing, .. } = self;
        let change = ready!(hearing.poll_next(cx, |cx| state.announcements.poll_next(*number, cx)));
        Poll::Ready(change.and_then(|change| state.announcements.event(change)))
    }
}

impl Drop for AnnouncementStream {
    fn drop(&mut self) {
        // For the stream that takes over.
        if let Some(change) = self.hearing.take_undecided() {
            self.state.announcements.repeat(&change);
        }
        self.state.announcements.close(self.number);
    }
}
