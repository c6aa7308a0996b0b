//! The reading of the record of a session, at most once until it changes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use super::live::{SessionError, SessionGuard, Sessions};
use crate::backplane::connection::READ_TIMEOUT;

/// The time before the next attempt to read a record.
const RETRY: Duration = Duration::from_millis(50);

/// The time before the next attempt to read the records of all sessions in use.
const RETRY_ALL: Duration = Duration::from_millis(500);

impl SessionGuard {
    /// Applies the record of the session, unless that was done since the last change.
    ///
    /// An engine that is down delays no request: the session goes on with what this instance knows.
    ///
    /// # Errors
    /// The client ended the session, at any instance.
    pub(in crate::transport::http) async fn refresh(&self) -> Result<(), SessionError> {
        if self.preferences.record().is_none() {
            return Ok(());
        }
        let deadline = Instant::now() + READ_TIMEOUT;
        while !self.is_fresh().await? {
            if self.sessions.is_down() || Instant::now() >= deadline {
                self.sessions.repair();
                break;
            }
            sleep(RETRY).await;
        }
        Ok(())
    }

    /// Reads the record if it may have changed. Returns `false` if the engine is unavailable.
    async fn is_fresh(&self) -> Result<bool, SessionError> {
        let Some(record) = self.preferences.record() else { return Ok(true) };
        let Some(epoch) = self.sessions.with_read(|read| read.begin(&self.key)) else { return Ok(true) };
        if self.sessions.is_down() {
            return Ok(false);
        }
        let Ok(stored) = record.read(READ_TIMEOUT).await else { return Ok(false) };
        if stored.as_ref().is_some_and(|stored| stored.is_ended) {
            self.sessions.end(self.key, self.expiry, self.account(), SystemTime::now());
            return Err(SessionError::Ended);
        }
        if let Some(stored) = stored {
            self.preferences.apply(&stored, &self.sessions.limits);
        }
        self.sessions.with_read(|read| read.finish(self.key, epoch));
        Ok(true)
    }
}

impl Sessions {
    /// Applies the records of all sessions in which something runs or listens, once the engine is available.
    pub(super) async fn refresh_all(self: Arc<Self>) {
        for key in self.keys_in_use() {
            // The state is not held while the engine is down, so that it can be evicted.
            while let Some(session) = self.enter_in_use(key)
                && matches!(session.is_fresh().await, Ok(false))
            {
                drop(session);
                sleep(RETRY_ALL).await;
            }
        }
    }

    /// Has the records of the sessions in use read once the engine is available.
    pub(super) fn repair(&self) {
        if let Some(repair) = self.repair.get() {
            repair.request();
        }
    }

    fn is_down(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_down())
    }
}
