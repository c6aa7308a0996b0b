//! The turns of requests to a service.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The turns of requests to a service: so many at once, and a quarter of them for known tokens.
///
/// Anyone can send unknown tokens, which must not take all turns.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// The turns that unknown tokens may have.
    unknown: Arc<Semaphore>,
    patience: Duration,
}

/// A turn, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _any: OwnedSemaphorePermit,
    _unknown: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Creates `max` turns, for each of which a request waits for at most `patience`.
    pub(super) fn new(max: usize, patience: Duration) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(max)), unknown: Arc::new(Semaphore::new(max - max / 4)), patience }
    }

    /// Waits for a turn, and stops when the client disconnects.
    pub(super) async fn wait(&self, is_known: bool) -> Option<Turn> {
        let turn = async {
            let unknown = match is_known {
                true => None,
                false => Some(Arc::clone(&self.unknown).acquire_owned().await.ok()?),
            };
            Some(Turn { _any: Arc::clone(&self.all).acquire_owned().await.ok()?, _unknown: unknown })
        };
        timeout(self.patience, turn).await.ok().flatten()
    }

    /// Returns the turn of a known token, if one is free.
    pub(super) fn take(&self) -> Option<Turn> {
        Some(Turn { _any: Arc::clone(&self.all).try_acquire_owned().ok()?, _unknown: None })
    }
}
