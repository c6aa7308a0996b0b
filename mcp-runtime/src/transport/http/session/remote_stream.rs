//! The streams of other instances, for clients that reconnect here.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::address::StreamAddress;
use super::live::{SessionGuard, random};
use super::relay::HOLD;
use crate::backplane::envelope::InstanceName;
use crate::backplane::link::Link;
use crate::backplane::requests::Patience;
use crate::backplane::topic::Topic;
use crate::budget::{FLAT_CHARGE, Pool, charged};
use crate::transport::http::response::body::EventSource;
use crate::transport::session::messages::{FindReply, ReadReply, SessionKey, SessionQuery, StreamRead, decode, encode};

/// The patience of a stream that has begun. Beyond it, the stream ends, and its client reconnects.
const PATIENCE: Patience =
    Patience { resend: HOLD.saturating_add(Duration::from_millis(500)), limit: Duration::from_secs(10) };

/// The reason for which a stream of another instance cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport::http) enum RemoteStreamError {
    /// There is no such event, or its instance is gone.
    Unknown,
    /// The other instance does not respond.
    Unavailable,
}

/// A stream of another instance.
pub(in crate::transport::http) struct RemoteStream {
    session: SessionGuard,
    link: Arc<Link>,
    owner: InstanceName,
    name: String,
    /// The scopes that reading the stream needs, by their names.
    pub(in crate::transport::http) needed: Option<Vec<String>>,
    /// The time at which the client has a response.
    deadline: Instant,
    reader: u64,
}

/// The events of a stream of another instance.
pub(in crate::transport::http) struct RemoteEvents(mpsc::Receiver<Bytes>);

impl RemoteStream {
    /// Finds a stream of the session by its name.
    pub(in crate::transport::http) async fn find(session: SessionGuard, name: &str) -> Result<Self, RemoteStreamError> {
        let link = session.sessions.link.clone().ok_or(RemoteStreamError::Unknown)?;
        let owner = StreamAddress::owner(&link, session.key, name).ok_or(RemoteStreamError::Unknown)?;
        // A stream of this instance would have been found before.
        if owner == link.envelopes().own() || link.is_gone(owner) {
            return Err(RemoteStreamError::Unknown);
        }
        let deadline = Instant::now() + Patience::default().limit;
        let (name, reader) = (name.to_owned(), random());
        let mut this = Self { session, link, owner, name, needed: None, deadline, reader };
        let query = SessionQuery::FindStream { session: SessionKey(this.session.key), stream: this.name.clone() };
        let reply = this.link.ask(owner, Topic::Sessions, &encode(&query), Patience::default()).await;
        match reply.ok().and_then(|reply| decode(&reply)).ok_or(RemoteStreamError::Unavailable)? {
            FindReply::Unknown => Err(RemoteStreamError::Unknown),
            FindReply::Found { needed } => {
                this.needed = needed;
                Ok(this)
            }
        }
    }

    /// Reads on after the event of this number. Events of more than [`FLAT_CHARGE`] take a permit of the pool.
    pub(in crate::transport::http) async fn open(
        self,
        last: u64,
        pool: &Arc<Pool>,
    ) -> Result<RemoteEvents, RemoteStreamError> {
        let patience = Patience { limit: self.deadline - Instant::now(), ..Patience::default() };
        let first = match self.read(last, false, patience).await {
            Some(ReadReply::Events { first, events, is_over }) => Batch { first, events, is_over },
            Some(ReadReply::Unknown) => return Err(RemoteStreamError::Unknown),
            Some(ReadReply::Overloaded) | None => return Err(RemoteStreamError::Unavailable),
        };
        let (sender, events) = mpsc::channel(1);
        tokio::spawn(self.forward(first, sender, Arc::clone(pool)));
        Ok(RemoteEvents(events))
    }

    /// Forwards the events until the end, or until the client or the owner is gone.
    async fn forward(self, mut batch: Batch, sender: mpsc::Sender<Bytes>, pool: Arc<Pool>) {
        loop {
            let next = batch.first + batch.events.len() as u64;
            for event in batch.events {
                let Some(event) = self.charge(event.into(), &pool) else { return };
                if sender.send(event).await.is_err() {
                    return;
                }
            }
            if batch.is_over {
                return;
            }
            let read = tokio::select! {
                () = sender.closed() => return,
                () = self.session.ended.wait() => return,
                read = self.read(next.saturating_sub(1), true, PATIENCE) => read,
            };
            match read {
                // A gap would be a suffix that looks whole.
                Some(ReadReply::Events { first, events, is_over }) if first == next || events.is_empty() => {
                    batch = Batch { first: next, events, is_over };
                }
                _ => return,
            }
        }
    }

    /// Returns an event with the permit for its bytes, if it is long.
    fn charge(&self, event: Bytes, pool: &Arc<Pool>) -> Option<Bytes> {
        if event.len() <= FLAT_CHARGE {
            return Some(event);
        }
        let permit = pool.take(self.session.account(), event.len());
        let permit = permit.inspect_err(|reason| drop(pool.refuse(*reason))).ok()?;
        Some(charged(event, Some(permit)))
    }

    async fn read(&self, last: u64, waits: bool, patience: Patience) -> Option<ReadReply> {
        let read = StreamRead {
            session: SessionKey(self.session.key),
            stream: self.name.clone(),
            reader: self.reader,
            last,
            waits,
        };
        let query = encode(&SessionQuery::ReadStream(read));
        decode(&self.link.ask(self.owner, Topic::Sessions, &query, patience).await.ok()?)
    }
}

/// Events in a row.
struct Batch {
    first: u64,
    events: Vec<String>,
    is_over: bool,
}

impl EventSource for RemoteEvents {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_recv(cx)
    }
}
