//! The part of a session that its client changes.

use std::sync::{Arc, Mutex, OnceLock};

use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::server::{Filter, Listeners, Subscription};

/// The longest URI that a session remembers, in bytes.
const MAX_URI: usize = 8 * 1024;

/// The choices of a client: its log level, and the changes that are announced to it.
pub(in crate::transport) struct Preferences {
    listeners: Arc<Listeners>,
    log_level: Mutex<Option<LogLevel>>,
    /// The lists, and the resources that the client subscribes to. Absent until the client shows interest in changes.
    subscription: OnceLock<Subscription>,
}

impl Preferences {
    pub(in crate::transport) fn new(listeners: Arc<Listeners>) -> Self {
        Self { listeners, log_level: Mutex::default(), subscription: OnceLock::new() }
    }

    /// Returns the least level of the messages that the client wants to have logged.
    pub(in crate::transport) fn log_level(&self) -> Option<LogLevel> {
        *locked(&self.log_level)
    }

    pub(in crate::transport) fn set_log_level(&self, level: LogLevel) {
        *locked(&self.log_level) = Some(level);
    }

    /// Announces changes of a resource from now on. More than `limit` resources are refused.
    pub(in crate::transport) fn subscribe(&self, uri: &str, limit: usize) -> Result<(), Error> {
        if uri.len() > MAX_URI {
            let message = "which is all that can be subscribed to";
            return Err(Error::invalid_params(format!(
                "Invalid params: `uri` is longer than {MAX_URI} bytes, {message}"
            )));
        }
        if !self.listen().add(uri, limit) {
            return Err(Error::invalid_params(format!(
                "Invalid params: there are {limit} subscriptions already, which is all that this server takes"
            )));
        }
        Ok(())
    }

    /// Announces changes of a resource no longer.
    pub(in crate::transport) fn unsubscribe(&self, uri: &str) {
        if let Some(subscription) = self.subscription() {
            subscription.remove(uri);
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
