//! The messages of other instances about sessions.

use std::future::ready;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use super::live::Sessions;
use super::read_records::ReadRecords;
use crate::backplane::repair::Repair;
use crate::backplane::topic::{Receiver, ReplyFuture};
use crate::transport::session::messages::{AnswerReply, SessionKey, SessionMessage, SessionQuery, decode, encode};

/// The receiver of messages about sessions, which ends with its server.
pub(in crate::transport::http) struct SessionReceiver(Weak<Sessions>);

impl SessionReceiver {
    /// # Panics
    /// Outside of a tokio runtime.
    pub(in crate::transport::http) fn new(sessions: &Arc<Sessions>) -> Self {
        let weak = Arc::downgrade(sessions);
        sessions.repair.get_or_init(|| Repair::new(Weak::clone(&weak), Sessions::refresh_all));
        Self(weak)
    }
}

impl Receiver for SessionReceiver {
    fn receive(&self, message: &[u8]) {
        let (Some(sessions), Some(message)) = (self.0.upgrade(), decode(message)) else { return };
        match message {
            SessionMessage::Ended { session: SessionKey(key), expiry } => {
                // Only the instance that ended it knows the account.
                sessions.end(key, expiry, None, SystemTime::now());
            }
            SessionMessage::Changed { session: SessionKey(key) } => {
                sessions.with_read(|read| read.forget(&key));
                sessions.repair();
            }
            SessionMessage::Cancelled { session: SessionKey(key), id } => {
                if let Some(state) = sessions.find(&key) {
                    state.live.cancel(id.get());
                }
            }
        }
    }

    fn miss(&self) {
        if let Some(sessions) = self.0.upgrade() {
            sessions.with_read(ReadRecords::forget_all);
            sessions.repair();
        }
    }

    fn reply(&self, request: Vec<u8>) -> Option<ReplyFuture> {
        let (sessions, query) = (self.0.upgrade()?, decode(&request)?);
        match query {
            SessionQuery::Answer { session: SessionKey(session), question, outcome } => {
                let reply = AnswerReply::from(sessions.deliver(session, question, outcome));
                Some(Box::pin(ready(encode(&reply))))
            }
            SessionQuery::FindStream { session, stream } => {
                Some(Box::pin(ready(encode(&sessions.find_stream(session, &stream)))))
            }
            SessionQuery::ReadStream(read) => Some(Box::pin(async move { encode(&sessions.read_stream(read).await) })),
        }
    }
}
