//! The streams of this instance, as clients of other instances read them.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::live::{ResumableStream, Sessions};
use super::replay::EventBatch;
use crate::budget::FLAT_CHARGE;
use crate::transport::session::messages::{FindReply, ReadReply, SessionKey, StreamRead};

/// The time for which a read waits for an event.
pub(super) const HOLD: Duration = Duration::from_secs(1);

impl Sessions {
    /// Finds a stream of this instance.
    pub(super) fn find_stream(&self, session: SessionKey, name: &str) -> FindReply {
        match self.stream(session, name) {
            None => FindReply::Unknown,
            Some(ResumableStream { needed, .. }) => FindReply::Found {
                needed: needed.map(|needed| needed.scopes().iter().map(|&scope| scope.to_owned()).collect()),
            },
        }
    }

    /// Reads on in a stream of this instance.
    pub(super) async fn read_stream(self: Arc<Self>, read: StreamRead) -> ReadReply {
        let begin = || self.stream(read.session, &read.stream)?.replay.read(Some(read.last));
        let relay = match self.relays.reader(&read, begin) {
            Ok(relay) => relay,
            Err(refusal) => return refusal,
        };
        let hold = if read.waits { HOLD } else { Duration::ZERO };
        let batch = poll_fn(|cx| relay.reader.poll_batch(read.last, FLAT_CHARGE, cx));
        let batch = timeout(hold, batch).await;
        relay.renew();
        let Ok(EventBatch { first, events }) = batch else {
            return ReadReply::Events { first: read.last.saturating_add(1), events: Vec::new(), is_over: false };
        };
        let is_over = events.is_empty();
        // Events are texts, as server-sent events have to be.
        let events = events.iter().map(|event| String::from_utf8_lossy(event).into_owned()).collect();
        ReadReply::Events { first, events, is_over }
    }

    fn stream(&self, SessionKey(session): SessionKey, name: &str) -> Option<ResumableStream> {
        self.find(&session)?.stream(name)
    }
}
