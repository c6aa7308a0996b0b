//! The record of a session, which all instances share: its end, and the choices of its client.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::messages::{SessionKey, SessionMessage, encode};
use crate::auth::TokenDigest;
use crate::backplane::Unavailable;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::backplane::topic::Topic;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;

/// The first byte of the content of a record. One of another format is unavailable.
const FORMAT: u8 = 1;

/// The time for which a record outlives its session, because the clocks of instances differ.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// The record of a session in the engine.
pub(in crate::transport) struct SessionRecord {
    link: Arc<Link>,
    key: TokenDigest,
    /// The end of the session, in seconds since 1970.
    expiry: u64,
}

/// The content of a record.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::transport) struct StoredSession {
    /// The number of changes. A content with fewer is older.
    pub(in crate::transport) revision: u64,
    /// Set if the client ended the session.
    #[serde(default)]
    pub(in crate::transport) is_ended: bool,
    #[serde(default)]
    pub(in crate::transport) log_level: Option<LogLevel>,
    /// The resources that the client subscribes to.
    #[serde(default)]
    pub(in crate::transport) uris: Vec<String>,
}

impl SessionRecord {
    pub(in crate::transport) fn new(link: Arc<Link>, key: TokenDigest, expiry: u64) -> Self {
        Self { link, key, expiry }
    }

    /// Reads the record, if there is one.
    pub(in crate::transport) async fn read(&self, timeout: Duration) -> Result<Option<StoredSession>, Unavailable> {
        let content = self.link.records().read(self.name(), timeout).await?;
        content.map(|content| StoredSession::decode(&content)).transpose()
    }

    /// Changes the choices of the client, and returns all of them.
    ///
    /// # Errors
    /// When the session has ended, or the engine is unavailable.
    pub(in crate::transport) async fn change(
        &self,
        mut change: impl FnMut(&mut StoredSession),
    ) -> Result<StoredSession, Error> {
        let stored = self.update(|stored| {
            !stored.is_ended && {
                change(stored);
                true
            }
        });
        let stored = stored.await.map_err(|unavailable| Error::overloaded(unavailable.to_string()))?;
        if stored.is_ended {
            return Err(Error::invalid_request("Invalid request: the session has ended"));
        }
        self.tell(&SessionMessage::Changed { session: SessionKey(self.key) });
        Ok(stored)
    }

    /// Ends the session on every instance.
    ///
    /// # Errors
    /// When the engine is unavailable. It is then unknown if the session has ended.
    pub(in crate::transport) async fn end(&self) -> Result<(), Unavailable> {
        let ended = self.update(|stored| {
            let is_new = !stored.is_ended;
            *stored = StoredSession { is_ended: true, revision: stored.revision, ..StoredSession::default() };
            is_new
        });
        ended.await?;
        self.tell(&SessionMessage::Ended { session: SessionKey(self.key), expiry: self.expiry });
        Ok(())
    }

    /// Changes the record, unless `change` returns `false`. Returns the content.
    async fn update(&self, mut change: impl FnMut(&mut StoredSession) -> bool) -> Result<StoredSession, Unavailable> {
        let mut content = Ok(StoredSession::default());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let lifetime = Duration::from_secs(self.expiry).saturating_sub(now) + CLOCK_DIFFERENCE;
        let updated = self.link.records().update(self.name(), lifetime, |found| {
            content = found.map_or_else(|| Ok(StoredSession::default()), StoredSession::decode);
            let stored = content.as_mut().ok()?;
            change(stored).then(|| {
                stored.revision += 1;
                stored.encode()
            })
        });
        updated.await?;
        content
    }

    fn name(&self) -> RecordName<'_> {
        RecordName { kind: "session", key: self.key.bytes() }
    }

    fn tell(&self, message: &SessionMessage) {
        self.link.tell(Topic::Sessions, &encode(message));
    }
}

impl StoredSession {
    fn encode(&self) -> Vec<u8> {
        [vec![FORMAT], encode(self)].concat()
    }

    fn decode(content: &[u8]) -> Result<Self, Unavailable> {
        let json = content.strip_prefix(&[FORMAT]).ok_or(Unavailable)?;
        serde_json::from_slice(json).map_err(|_| Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_format_is_unavailable_and_unknown_members_are_ignored() {
        let stored = StoredSession { revision: 3, uris: vec!["a".to_owned()], ..StoredSession::default() };
        let content = stored.encode();
        let read = StoredSession::decode(&content).expect("its own format");
        assert_eq!((read.revision, read.is_ended, read.uris), (3, false, vec!["a".to_owned()]));
        let newer = [&[FORMAT + 1], &content[1..]].concat();
        assert_eq!(StoredSession::decode(&newer).err(), Some(Unavailable));
        let more = [&[FORMAT][..], br#"{"revision":4,"is_ended":true,"reason":"new"}"#].concat();
        assert!(StoredSession::decode(&more).is_ok_and(|stored| stored.is_ended));
    }
}
