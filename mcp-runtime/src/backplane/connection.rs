//! The connection of an instance to the engine: sealed messages, time limits, and outages.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::envelope::{Envelopes, InstanceName};
use super::{Backplane, BackplaneFuture, Recipient, Unavailable};
use crate::lock::locked;
use crate::throttle::Throttle;

/// Limits the time of a request to the engine, or to another instance. With [`READ_TIMEOUT`], a client has a response
/// within two seconds.
pub(super) const TIMEOUT: Duration = Duration::from_millis(1500);

/// Limits the time of a read that a request can do without.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_millis(400);

/// The consecutive failures after which the engine is down. A timeout counts as all of them.
const MAX_FAILURES: u32 = 3;

/// The purpose of the envelopes of messages to all instances.
const TO_ALL: &str = "to all instances";

/// The connection of an instance to the engine.
#[derive(Debug)]
pub(super) struct Connection {
    engine: EngineHandle,
    pub(super) envelopes: Envelopes,
    /// The purpose of the envelopes of messages to this instance.
    to_own: String,
    failures: AtomicU32,
    /// The time of the last failure, at first that of the start.
    failed: Mutex<Instant>,
    warnings: Throttle,
}

/// The engine, which need not be printable.
struct EngineHandle(Arc<dyn Backplane>);

impl Connection {
    pub(super) fn new(engine: Arc<dyn Backplane>, envelopes: Envelopes) -> Self {
        let to_own = to_one(envelopes.own());
        Self {
            engine: EngineHandle(engine),
            envelopes,
            to_own,
            failures: AtomicU32::default(),
            failed: Mutex::new(Instant::now()),
            warnings: Throttle::default(),
        }
    }

    /// Returns the engine.
    pub(super) fn engine(&self) -> &dyn Backplane {
        &*self.engine.0
    }

    /// Returns `true` if the last operations failed, so that one more is likely to.
    pub(super) fn is_down(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= MAX_FAILURES
    }

    /// Returns the time since the last failure, or since the start.
    pub(super) fn available_for(&self) -> Duration {
        locked(&self.failed).elapsed()
    }

    /// Sends a message to one instance, or to all of them.
    pub(super) async fn send(&self, to: Option<InstanceName>, message: Vec<u8>) -> Result<(), Unavailable> {
        let (purpose, name) = (to.map(to_one), to.map(|to| to.to_string()));
        let envelope = self.envelopes.seal(purpose.as_deref().unwrap_or(TO_ALL), message);
        let to = name.as_deref().map_or(Recipient::All, Recipient::One);
        let sent = self.within(Instant::now() + TIMEOUT, self.engine().send(to, &envelope)).await;
        if let (Err(error), Some(suppressed)) = (sent, sent.err().and_then(|_| self.warnings.pass())) {
            tracing::warn!(%error, suppressed, "other instances are not reached until it is back");
        }
        sent
    }

    /// Returns the sender and the content of a message to all instances or to this one.
    pub(super) fn open(&self, envelope: &[u8]) -> Option<Incoming> {
        let open = |purpose| self.envelopes.open(purpose, envelope);
        let to_all = || open(TO_ALL).map(|(sender, message)| Incoming { sender, message, is_to_all: true });
        let to_one = || open(&self.to_own).map(|(sender, message)| Incoming { sender, message, is_to_all: false });
        to_all().or_else(to_one)
    }

    /// Notes that an operation failed.
    pub(super) fn note_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        *locked(&self.failed) = Instant::now();
    }

    /// Waits for an operation of the engine until a deadline.
    pub(super) async fn within<T>(
        &self,
        deadline: Instant,
        operation: BackplaneFuture<'_, T>,
    ) -> Result<T, Unavailable> {
        match timeout_at(deadline, operation).await {
            Ok(Ok(value)) => {
                self.failures.store(0, Ordering::Relaxed);
                Ok(value)
            }
            Ok(Err(unavailable)) => {
                self.note_failure();
                Err(unavailable)
            }
            Err(_) => {
                self.note_failure();
                self.failures.store(MAX_FAILURES, Ordering::Relaxed);
                Err(Unavailable)
            }
        }
    }
}

/// A message of another instance, opened.
pub(super) struct Incoming {
    pub(super) sender: InstanceName,
    pub(super) message: Vec<u8>,
    /// Set if the message is for all instances, and not for this one alone.
    pub(super) is_to_all: bool,
}

/// Returns the purpose of the envelopes of messages to an instance.
fn to_one(instance: InstanceName) -> String {
    format!("to the instance {instance}")
}

impl std::fmt::Debug for EngineHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backplane")
    }
}
