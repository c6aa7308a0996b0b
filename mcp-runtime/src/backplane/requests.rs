//! Requests to one other instance, and their replies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::Unavailable;
use super::connection::{Connection, TIMEOUT};
use super::envelope::InstanceName;
use super::frame::FrameKind;
use crate::lock::locked;

/// The time for which an owner may think about a request, and for which the asker waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The time after which a request is sent again, because it or its reply may be lost.
    pub(crate) resend: Duration,
    /// The time after which the asker gives up.
    pub(crate) limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { resend: TIMEOUT / 4, limit: TIMEOUT }
    }
}

/// The requests of this instance that wait for a reply.
#[derive(Default)]
pub(super) struct Requests {
    waiting: Mutex<WaitingRequests>,
}

#[derive(Default)]
struct WaitingRequests {
    last: u64,
    by_number: HashMap<u64, oneshot::Sender<Vec<u8>>>,
}

impl Requests {
    /// Sends a request until there is a reply. The owner may therefore receive it several times.
    ///
    /// # Errors
    /// There is no reply in time. It is then unknown if the owner took the request.
    pub(super) async fn ask(
        self: &Arc<Self>,
        connection: &Connection,
        owner: InstanceName,
        body: &[u8],
        patience: Patience,
    ) -> Result<Vec<u8>, Unavailable> {
        let deadline = Instant::now() + patience.limit;
        let mut request = self.begin();
        let message = FrameKind::Request.encode(request.number, body);
        loop {
            // A request that was reported as lost may have arrived, so that only the reply counts.
            let resend = (Instant::now() + patience.resend).min(deadline);
            let _ = timeout_at(deadline, connection.send(Some(owner), message.clone())).await;
            match timeout_at(resend, &mut request.reply).await {
                Ok(reply) => return reply.map_err(|_| Unavailable),
                Err(_) if Instant::now() >= deadline => return Err(Unavailable),
                Err(_) => {}
            }
        }
    }

    /// Delivers a reply. One that is late or comes twice is ignored.
    pub(super) fn deliver(&self, number: u64, reply: &[u8]) {
        if let Some(waiting) = locked(&self.waiting).by_number.remove(&number) {
            let _ = waiting.send(reply.to_vec());
        }
    }

    fn begin(self: &Arc<Self>) -> WaitingRequest {
        let (sender, reply) = oneshot::channel();
        let mut waiting = locked(&self.waiting);
        waiting.last += 1;
        let number = waiting.last;
        waiting.by_number.insert(number, sender);
        WaitingRequest { requests: Arc::clone(self), number, reply }
    }
}

/// A request that waits for its reply, which lasts as long as this value.
struct WaitingRequest {
    requests: Arc<Requests>,
    number: u64,
    reply: oneshot::Receiver<Vec<u8>>,
}

impl Drop for WaitingRequest {
    fn drop(&mut self) {
        locked(&self.requests.waiting).by_number.remove(&self.number);
    }
}
