//! The requests of a session: messages whose handlers outlive a connection, streams, and its end.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};

use super::{Endpoint, boxed};
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::budget::{AccountKey, detached};
use crate::protocol::error::Error;
use crate::protocol::message::Message;
use crate::server::{Caller, Exchange, Outbox, Recording, Subscriber, account_in};
use crate::transport::http::request::headers::{LAST_EVENT_ID, declared_version, single};
use crate::transport::http::request::kept::detach_head;
use crate::transport::http::response::body::{EventSource, Events, ResponseBody};
use crate::transport::http::response::{
    Rejection, empty, failure, method_not_allowed, no_such_event, no_such_session, overloaded, reject, stream,
};
use crate::transport::http::session::id::SessionId;
use crate::transport::http::session::live::{ResumableStream, SessionError, SessionGuard};
use crate::transport::http::session::remote_stream::{RemoteStream, RemoteStreamError};
use crate::transport::http::session::replay::{Replay, parse_id};
use crate::transport::http::session::{AnnouncementStream, Conversation, Opening, SessionRequest, announcements};

impl<G: Gate> Endpoint<G> {
    /// Returns `true` if a body is the message with which a session begins.
    pub(super) fn begins_session(&self, body: &Bytes) -> bool {
        let message = Message::parse(body, self.limits.request.json_depth);
        matches!(message, Ok(Message::Request(request)) if request.method == "initialize")
    }

    /// Serves GET and DELETE.
    pub(super) async fn handle_without_message(
        self: &Arc<Self>,
        parts: &mut Arc<Parts>,
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
            let account = self.room(caller.token(), account_in(parts)).account;
            return self.end_session(&session, account).await.map(ResponseBody::from);
        }
        let expires_at = caller.expires_at();
        match self.listen_in_session(parts, caller, &session).await {
            Ok(source) => stream(Events::new(source, self.limits.streams.keep_alive, expires_at)),
            Err(response) => (*response).map(ResponseBody::from),
        }
    }

    /// Ends a session, on every instance.
    async fn end_session(&self, session: &SessionId, account: Option<AccountKey>) -> Response<Bytes> {
        if let Some(record) = self.sessions.record(session)
            && let Err(unavailable) = record.end().await
        {
            return overloaded(None, &Error::overloaded(unavailable.to_string()));
        }
        self.sessions.end(session.key, session.expiry, account, SystemTime::now());
        empty(StatusCode::NO_CONTENT)
    }

    /// Opens the stream of a GET request: the rest of an earlier one, or else the announcements.
    async fn listen_in_session(
        self: &Arc<Self>,
        parts: &mut Arc<Parts>,
        caller: Admitted,
        session: &SessionId,
    ) -> Result<Box<dyn EventSource>, Rejection> {
        let unknown = || Rejection::from(no_such_event());
        detach_head(parts);
        let last = match single(&parts.headers, &LAST_EVENT_ID) {
            Ok(last) => last.map(|id| parse_id(id).ok_or_else(unknown)).transpose()?,
            Err(_) => return Err(unknown()),
        };
        let room = self.room(caller.token(), account_in(parts));
        let state = self.enter(session, room.account).await?;
        if let Some((name, number)) = last
            && !name.starts_with(announcements::PREFIX)
        {
            let Some(ResumableStream { replay, needed }) = state.stream(name) else {
                return self.resume_elsewhere(state, name, number, caller).await;
            };
            self.gate.authorize(caller, AuditTarget::default(), needed.as_ref())?;
            return Ok(Box::new(replay.read(Some(number)).ok_or_else(unknown)?));
        }
        let permits = room.stream(parts, 0).map_err(|error| overloaded(None, &error))?;
        let token = self.gate.authorize(caller, AuditTarget::default(), None)?;
        let caller = Caller { token, parts: Some(Arc::clone(parts)), ..Caller::default() };
        let may_hear = self.may_hear(Subscriber::new(caller, self.service.handle()));
        let number = state.announcements.open(last);
        Ok(Box::new(AnnouncementStream::new(state, number, may_hear, permits)))
    }

    /// Opens the rest of a stream of another instance.
    async fn resume_elsewhere(
        &self,
        state: SessionGuard,
        name: &str,
        number: u64,
        caller: Admitted,
    ) -> Result<Box<dyn EventSource>, Rejection> {
        let refuse = |error| -> Rejection {
            match error {
                RemoteStreamError::Unknown => no_such_event().into(),
                RemoteStreamError::Unavailable => {
                    overloaded(None, &Error::overloaded("The instance of the stream does not respond; try again"))
                        .into()
                }
            }
        };
        let stream = RemoteStream::find(state, name).await.map_err(refuse)?;
        let needed = match (&stream.needed, self.gate.resource()) {
            // A scope of a newer version of the program cannot be checked here.
            (Some(names), Some(resource)) => {
                Some(resource.scopes_named(names).ok_or_else(|| refuse(RemoteStreamError::Unavailable))?)
            }
            _ => None,
        };
        self.gate.authorize(caller, AuditTarget::default(), needed.as_ref())?;
        let events = stream.open(number, &self.service.shared().budget().buffered).await.map_err(refuse)?;
        Ok(Box::new(events))
    }

    /// Serves a message in a session, whose handler outlives the connection for a client that reconnects.
    pub(super) async fn serve_in_session(
        self: &Arc<Self>,
        body: Bytes,
        mut parts: Arc<Parts>,
        caller: Admitted,
        id: SessionId,
        mut recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        recording.set_session(|| id.key.to_string());
        let room = self.room(caller.token(), account_in(&parts));
        let state = match self.enter(&id, room.account).await {
            Ok(state) => state,
            Err(response) => {
                recording.refuse(response.status());
                return (*response).map(ResponseBody::from);
            }
        };
        let expires_at = caller.expires_at();
        // The request may outlive its connection, which stands for nothing.
        detach_head(&mut parts);
        let (body, outbox) = (detached(&body), Outbox::new(self.limits.streams.capacity(), 0));
        let session = Arc::new(SessionRequest::new(id, state));
        let work = boxed(|| {
            let (endpoint, session) = (Arc::clone(self), Arc::clone(&session));
            endpoint.receive(body, parts, caller, outbox.clone(), Some(session), recording)
        });
        let exchange = Exchange::new(work, outbox);
        let name = self.sessions.stream_name(&session.key);
        let replay = Replay::new(name, self.limits.streams.capacity());
        match Conversation::begin(exchange, replay, session, self.limits.session.resume_timeout).await {
            Some(Opening::Response(response)) => response,
            Some(Opening::Stream(reader)) => {
                stream(Events::new(Box::new(reader), self.limits.streams.keep_alive, expires_at).opening())
            }
            // It ended without a word, which only a panic or the end of the program brings about.
            None => reject(StatusCode::INTERNAL_SERVER_ERROR, "The request was not served").map(ResponseBody::from),
        }
    }

    /// Returns the state of a session, and begins it if there is none.
    async fn enter(&self, id: &SessionId, account: Option<AccountKey>) -> Result<SessionGuard, Rejection> {
        let refuse = |error| -> Rejection {
            match error {
                SessionError::Ended => no_such_session().into(),
                SessionError::TooMany(message) => overloaded(None, &Error::overloaded(message)).into(),
            }
        };
        let state = self.sessions.enter(id, account).map_err(refuse)?;
        state.refresh().await.map_err(refuse)?;
        Ok(state)
    }
}
