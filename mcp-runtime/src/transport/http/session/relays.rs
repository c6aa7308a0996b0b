//! The readers of clients of other instances.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::replay::Reader;
use crate::lock::locked;
use crate::transport::session::messages::{ReadReply, SessionKey, StreamRead};

/// The time for which a reader counts as connected after its last read.
const LEASE: Duration = Duration::from_secs(5);

/// Limits the readers of other instances. Beyond it, clients have to try again.
const MAX_READERS: usize = 10_000;

/// The readers of other instances, by the numbers that these chose.
#[derive(Default)]
pub(super) struct Relays(Mutex<HashMap<u64, Arc<Relay>>>);

/// A reader of another instance.
///
/// It is known until the end of its lease, also once another one has replaced it. A late first read of it therefore does
/// not replace the other one in turn.
pub(super) struct Relay {
    pub(super) reader: Reader,
    session: SessionKey,
    stream: String,
    last_read: Mutex<Instant>,
}

impl Relays {
    /// Returns the reader of a read. It begins with its first read, unless there is no such event.
    pub(super) fn reader(
        self: &Arc<Self>,
        read: &StreamRead,
        begin: impl FnOnce() -> Option<Reader>,
    ) -> Result<Arc<Relay>, ReadReply> {
        let mut readers = locked(&self.0);
        if let Some(relay) = readers.get(&read.reader) {
            let is_same = relay.session == read.session && relay.stream == read.stream;
            return if is_same { Ok(Arc::clone(relay)) } else { Err(ReadReply::Unknown) };
        }
        if readers.len() >= MAX_READERS {
            return Err(ReadReply::Overloaded);
        }
        let relay = Arc::new(Relay {
            reader: begin().ok_or(ReadReply::Unknown)?,
            session: read.session,
            stream: read.stream.clone(),
            last_read: Mutex::new(Instant::now()),
        });
        readers.insert(read.reader, Arc::clone(&relay));
        let (relays, number, leased) = (Arc::downgrade(self), read.reader, Arc::clone(&relay));
        tokio::spawn(async move {
            leased.expiry().await;
            if let Some(relays) = relays.upgrade() {
                let gone = locked(&relays.0).remove(&number);
                drop(gone);
            }
        });
        Ok(relay)
    }
}

impl Relay {
    /// Renews the lease.
    pub(super) fn renew(&self) {
        *locked(&self.last_read) = Instant::now();
    }

    /// Completes at the end of the lease.
    async fn expiry(&self) {
        loop {
            let end = *locked(&self.last_read) + LEASE;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}
