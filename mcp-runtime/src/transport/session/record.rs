//! The record of a session, which all instances share: its end, and the choices of its client.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::messages::{SessionKey, SessionMessage, encode};
use crate::auth::TokenDigest;
use crate::backplane::Unavailable;
use crate::backplane::link::Link;
use crate::backplane::records::{CLOCK_DIFFERENCE, RecordName};
use crate::backplane::topic::Topic;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;

/// The record of a session in the engine.
pub(in crate::transport) struct SessionRecord {
    link: Arc<Link>,
    key: TokenDigest,
    /// The end of the session, in seconds since 1970.
    expiry: u64,
}

/// The content of a record.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
        self.link.records().read(self.name(), timeout).await
    }

    /// Changes the choices of the client, and returns all of them.
    ///
    /// # Errors
    /// The session has ended, or the engine is unavailable.
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
    /// The engine is unavailable. It is then unknown if the session has ended.
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
        let mut content = None;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let lifetime = Duration::from_secs(self.expiry).saturating_sub(now) + CLOCK_DIFFERENCE;
        let updated = self.link.records().update(self.name(), lifetime, |found: Option<StoredSession>| {
            let stored = content.insert(found.unwrap_or_default());
            change(stored).then(|| {
                stored.revision += 1;
                stored.clone()
            })
        });
        updated.await?;
        Ok(content.unwrap_or_default())
    }

    fn name(&self) -> RecordName<'_> {
        RecordName { kind: "session", key: self.key.bytes() }
    }

    fn tell(&self, message: &SessionMessage) {
        self.link.tell(Topic::Sessions, &encode(message));
    }
}
