//! The part of a session that its client changes.

use std::sync::{Arc, Mutex, OnceLock};

use crate::budget::Permit;
use crate::limits::StreamLimits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::server::{Filter, Listeners, Subscription, bytes_of_uri};

/// The choices of a client: its log level, and the changes that are announced to it.
pub(in crate::transport) struct Preferences {
    listeners: Arc<Listeners>,
    log_level: Mutex<Option<LogLevel>>,
    /// The lists, and the resources that the client subscribes to. Absent until the client shows interest in changes.
    subscription: OnceLock<Subscription>,
    /// The permit for the URIs of these resources.
    permit: Mutex<Permit>,
}

impl Preferences {
    pub(in crate::transport) fn new(listeners: Arc<Listeners>, permit: Permit) -> Self {
        Self { listeners, log_level: Mutex::default(), subscription: OnceLock::new(), permit: Mutex::new(permit) }
    }

    /// Returns the least level of the messages that the client wants to have logged.
    pub(in crate::transport) fn log_level(&self) -> Option<LogLevel> {
        *locked(&self.log_level)
    }

    pub(in crate::transport) fn set_log_level(&self, level: LogLevel) {
        *locked(&self.log_level) = Some(level);
    }

    /// Announces changes of a resource from now on.
    ///
    /// # Errors
    /// When that would exceed a limit.
    pub(in crate::transport) fn subscribe(&self, uri: &str, limits: &StreamLimits) -> Result<(), Error> {
        let mut permit = locked(&self.permit);
        let before = permit.amount();
        let grown = permit.grow(bytes_of_uri(uri));
        grown.map_err(|reason| Error::overloaded(permit.pool().refuse(reason)))?;
        let added = self.listen().add(uri, limits);
        if !matches!(added, Ok(true)) {
            permit.set(before);
        }
        added.map(drop)
    }

    /// Announces changes of a resource no longer.
    pub(in crate::transport) fn unsubscribe(&self, uri: &str) {
        if self.subscription().is_some_and(|subscription| subscription.remove(uri)) {
            let mut permit = locked(&self.permit);
            let rest = permit.amount().saturating_sub(bytes_of_uri(uri));
            permit.set(rest);
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
