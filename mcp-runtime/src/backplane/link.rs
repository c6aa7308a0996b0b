//! The link of an instance to the others: messages, requests, and records that all of them share.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::connection::{Connection, Incoming};
use super::envelope::{Envelopes, InstanceName};
use super::frame::FrameKind;
use super::outbound::Outbound;
use super::peers::{Peers, Place};
use super::records::{RecordName, Records};
use super::requests::{Patience, Requests};
use super::topic::{Receivers, Topic, about};
use super::{Backplane, Unavailable};
use crate::lock::locked;

/// The time before the next attempt to receive, if the engine is unavailable.
const RETRY: Duration = Duration::from_millis(100);

/// The link of an instance to the others. Dropping it ends the link.
pub(crate) struct Link {
    connection: Arc<Connection>,
    outbound: Arc<Outbound>,
    requests: Arc<Requests>,
    peers: Arc<Mutex<Peers>>,
    records: Records,
    /// Set if this instance accepts single uses alone while the engine is down.
    single_use_in_outages: bool,
    tasks: OnceLock<[AbortHandle; 2]>,
}

impl Link {
    /// Creates a link that has not begun to send and to receive.
    pub(crate) fn new(engine: Arc<dyn Backplane>, envelopes: Envelopes, single_use_in_outages: bool) -> Arc<Self> {
        let connection = Arc::new(Connection::new(engine, envelopes));
        Arc::new(Self {
            outbound: Outbound::new(Arc::clone(&connection)),
            records: Records::new(Arc::clone(&connection)),
            connection,
            requests: Arc::default(),
            peers: Arc::default(),
            single_use_in_outages,
            tasks: OnceLock::new(),
        })
    }

    /// Begins to send and to receive, once.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn start(&self, receivers: Receivers) {
        self.tasks.get_or_init(|| {
            let receiving = ReceivingTask {
                connection: Arc::clone(&self.connection),
                requests: Arc::clone(&self.requests),
                peers: Arc::clone(&self.peers),
                receivers,
            };
            let tasks = [tokio::spawn(Arc::clone(&self.outbound).run()), tokio::spawn(receiving.run())];
            tasks.map(|task| task.abort_handle())
        });
    }

    /// Sends a message to all other instances, without waiting for the engine. They notice if it is lost.
    pub(crate) fn tell(&self, topic: Topic, message: &[u8]) {
        self.outbound.push(about(topic, message));
    }

    /// Sends a message to all other instances that may be lost.
    pub(crate) fn hint(&self, topic: Topic, message: &[u8]) {
        self.outbound.push_hint(about(topic, message));
    }

    /// Sends a request to another instance, and returns its reply.
    ///
    /// # Errors
    /// There is no reply in time. It is then unknown if the owner took the request.
    pub(crate) async fn ask(
        &self,
        owner: InstanceName,
        topic: Topic,
        request: &[u8],
        patience: Patience,
    ) -> Result<Vec<u8>, Unavailable> {
        self.requests.ask(&self.connection, owner, &about(topic, request), patience).await
    }

    /// Returns the records that all instances share.
    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// Uses a name once over all instances. Returns `true` for the first use in `lifetime`.
    ///
    /// The caller remembers the uses at this instance, and asks only about the first of each name. It is the one that is
    /// accepted without the engine, if the operator allows that.
    ///
    /// # Errors
    /// The engine is unavailable. It is then unknown if the name was used, also by this call.
    pub(crate) async fn use_once(&self, name: RecordName<'_>, lifetime: Duration) -> Result<bool, Unavailable> {
        match self.records.use_once(name, lifetime).await {
            Err(Unavailable) if self.single_use_in_outages => Ok(true),
            outcome => outcome,
        }
    }

    /// Returns the envelopes, whose texts name this instance as their sender.
    pub(crate) fn envelopes(&self) -> &Envelopes {
        &self.connection.envelopes
    }

    /// Returns `true` if the engine is down, as far as this instance knows.
    pub(crate) fn is_down(&self) -> bool {
        self.connection.is_down()
    }

    /// Returns `true` if another instance has ended, or was silent for so long that it has.
    pub(crate) fn is_gone(&self, instance: InstanceName) -> bool {
        locked(&self.peers).is_gone(instance)
    }

    /// Returns the number of instances, as far as this one has heard of them.
    pub(crate) fn instances(&self) -> usize {
        1 + locked(&self.peers).count()
    }

    /// Returns the time since the last failure of the engine, or since the start.
    pub(crate) fn available_for(&self) -> Duration {
        self.connection.available_for()
    }

    /// Tells the other instances that this one ends, so that they do not wait for it. Messages that wait are dropped.
    pub(crate) async fn leave(&self) {
        self.end();
        self.outbound.leave().await;
    }

    fn end(&self) {
        self.tasks.get().into_iter().flatten().for_each(AbortHandle::abort);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.end();
    }
}

/// The task that receives messages of all instances, and notices the ones that are lost.
struct ReceivingTask {
    connection: Arc<Connection>,
    requests: Arc<Requests>,
    peers: Arc<Mutex<Peers>>,
    receivers: Receivers,
}

impl ReceivingTask {
    async fn run(self) {
        let own = self.connection.envelopes.own().to_string();
        loop {
            // A timeout would lose a message that arrives at the same moment, so that the silence is noticed by beats alone.
            let Ok(envelope) = self.connection.engine().receive(&own).await else {
                self.connection.note_failure();
                locked(&self.peers).excuse();
                sleep(RETRY).await;
                continue;
            };
            let Some(Incoming { sender, message, is_to_all }) = self.connection.open(&envelope) else { continue };
            match FrameKind::decode(&message) {
                Some((kind, number, body)) if is_to_all => self.take(sender, kind, number, body),
                Some((FrameKind::Request, number, body)) => self.reply(sender, number, body),
                Some((FrameKind::Reply, number, body)) => self.requests.deliver(number, body),
                // A kind of message of a newer version, which sends it to those that know it.
                _ => {}
            }
        }
    }

    /// Takes a message to all instances.
    fn take(&self, sender: InstanceName, kind: FrameKind, number: u64, body: &[u8]) {
        let mut peers = locked(&self.peers);
        let mut is_gap = peers.expire();
        // The instance itself is a peer whose messages are not received, so that its own beats find silent ones.
        let place = match kind {
            _ if sender == self.connection.envelopes.own() => Place::Old,
            FrameKind::Message => peers.message(sender, number),
            FrameKind::Beat => {
                is_gap |= peers.beat(sender, number);
                Place::Old
            }
            FrameKind::Leave => {
                is_gap |= peers.leave(sender, number);
                Place::Old
            }
            FrameKind::Hint => Place::Next,
            FrameKind::Request | FrameKind::Reply => Place::Old,
        };
        drop(peers);
        if is_gap || place == Place::AfterGap {
            self.receivers.miss();
        }
        if place != Place::Old
            && let Some((receiver, message)) = self.receivers.find(body)
        {
            receiver.receive(message);
        }
    }

    /// Takes a request to this instance, and sends the reply once it is there.
    fn reply(&self, asker: InstanceName, number: u64, body: &[u8]) {
        let Some((receiver, request)) = self.receivers.find(body) else { return };
        let Some(reply) = receiver.reply(request.to_vec()) else { return };
        let connection = Arc::clone(&self.connection);
        tokio::spawn(async move {
            // A lost reply is one that the asker requests again.
            let _ = connection.send(Some(asker), FrameKind::Reply.encode(number, &reply.await)).await;
        });
    }
}
