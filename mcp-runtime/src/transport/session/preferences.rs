//! The part of a session that its client changes.

use std::sync::{Arc, Mutex, OnceLock};

use super::record::{SessionRecord, StoredSession};
use crate::budget::Permit;
use crate::limits::StreamLimits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::server::{Filter, Listeners, Subscription, bytes_of_subscription};

/// The choices of a client: its log level, and the changes that are announced to it.
pub(in crate::transport) struct Preferences {
    listeners: Arc<Listeners>,
    log_level: Mutex<Option<LogLevel>>,
    /// The lists, and the resources that the client subscribes to. Absent until the client shows interest in changes.
    subscription: OnceLock<Subscription>,
    /// The permit for the URIs of these resources.
    permit: Mutex<Permit>,
    /// The record that the instances share. Absent for a server that runs alone.
    record: Option<SessionRecord>,
    /// The revision of the record that was applied last.
    revision: Mutex<u64>,
}

impl Preferences {
    pub(in crate::transport) fn new(listeners: Arc<Listeners>, permit: Permit, record: Option<SessionRecord>) -> Self {
        Self {
            listeners,
            log_level: Mutex::default(),
            subscription: OnceLock::new(),
            permit: Mutex::new(permit),
            record,
            revision: Mutex::default(),
        }
    }

    /// Returns the record that the instances share.
    pub(in crate::transport) fn record(&self) -> Option<&SessionRecord> {
        self.record.as_ref()
    }

    /// Returns the least level of the messages that the client wants to have logged.
    pub(in crate::transport) fn log_level(&self) -> Option<LogLevel> {
        *locked(&self.log_level)
    }

    /// Replaces the log level.
    ///
    /// # Errors
    /// The other instances cannot be told.
    pub(in crate::transport) async fn set_log_level(
        &self,
        level: LogLevel,
        limits: &StreamLimits,
    ) -> Result<(), Error> {
        match &self.record {
            Some(record) => {
                let stored = Box::pin(record.change(|stored| stored.log_level = Some(level))).await?;
                self.apply(&stored, limits);
            }
            None => *locked(&self.log_level) = Some(level),
        }
        Ok(())
    }

    /// Announces changes of a resource from now on.
    ///
    /// # Errors
    /// That would exceed a limit, or the other instances cannot be told.
    pub(in crate::transport) async fn subscribe(&self, uri: &str, limits: &StreamLimits) -> Result<(), Error> {
        let is_new = self.add(uri, limits)?;
        let Some(record) = &self.record else { return Ok(()) };
        let stored = Box::pin(record.change(|stored| {
            if !stored.uris.iter().any(|known| known == uri) {
                stored.uris.push(uri.to_owned());
            }
        }));
        match stored.await {
            Ok(stored) => self.apply(&stored, limits),
            Err(error) => {
                if is_new {
                    self.remove(uri);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Announces changes of a resource no longer.
    ///
    /// # Errors
    /// The other instances cannot be told.
    pub(in crate::transport) async fn unsubscribe(&self, uri: &str, limits: &StreamLimits) -> Result<(), Error> {
        match &self.record {
            Some(record) => {
                let stored = Box::pin(record.change(|stored| stored.uris.retain(|known| known != uri))).await?;
                self.apply(&stored, limits);
            }
            None => self.remove(uri),
        }
        Ok(())
    }

    /// Replaces the choices by those of the record, unless they are older.
    pub(in crate::transport) fn apply(&self, stored: &StoredSession, limits: &StreamLimits) {
        let mut revision = locked(&self.revision);
        if stored.revision <= *revision {
            return;
        }
        *revision = stored.revision;
        *locked(&self.log_level) = stored.log_level;
        let known = self.subscription().map(Subscription::uris).unwrap_or_default();
        known.iter().filter(|uri| !stored.uris.contains(uri)).for_each(|uri| self.remove(uri));
        for uri in &stored.uris {
            // Another instance has accepted it within the same limits.
            if let Err(error) = self.add(uri, limits) {
                self.listeners.warn_of_room(&error);
            }
        }
    }

    /// Adds a subscription. Returns `true` if it is new.
    fn add(&self, uri: &str, limits: &StreamLimits) -> Result<bool, Error> {
        let (mut permit, bytes) = (locked(&self.permit), bytes_of_subscription(uri));
        permit.grow(bytes).map_err(|reason| Error::overloaded(permit.pool().refuse(reason)))?;
        let added = self.listen().add(uri, limits);
        if !matches!(added, Ok(true)) {
            permit.shrink(bytes);
        }
        added
    }

    fn remove(&self, uri: &str) {
        if self.subscription().is_some_and(|subscription| subscription.remove(uri)) {
            locked(&self.permit).shrink(bytes_of_subscription(uri));
        }
    }

    /// Returns the subscription, which begins with the first call.
    pub(in crate::transport) fn listen(&self) -> &Subscription {
        self.subscription.get_or_init(|| {
            self.listeners.subscribe(Filter { tools: true, prompts: true, resources: true, ..Filter::default() })
        })
    }

    /// Returns the subscription, if it has begun.
    pub(in crate::transport) fn subscription(&self) -> Option<&Subscription> {
        self.subscription.get()
    }

    /// Returns `true` if the client has chosen nothing.
    pub(in crate::transport) fn are_default(&self) -> bool {
        self.log_level().is_none() && self.subscription().is_none()
    }
}
