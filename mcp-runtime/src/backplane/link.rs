//! The link of an instance to the others: messages to all of them, in order, with gaps that are noticed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::envelope::Envelopes;
use super::peers::{Peers, Place};
use super::{Backplane, Recipient, Unavailable};
use crate::lock::locked;
use crate::throttle::Throttle;

/// The time between two messages that only name the last one. A lost message is noticed by the next of them.
const BEAT: Duration = Duration::from_millis(500);

/// Limits the time of an operation of the engine.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The time before the next attempt to receive, if the engine is unavailable.
const RETRY: Duration = Duration::from_millis(100);

/// Limits the messages that wait for the engine. Beyond it, further messages are a gap for the other instances.
const MAX_WAITING: usize = 1024;

/// The purpose of the envelopes of messages to all instances.
const TO_ALL: &str = "to all instances";

/// The receiver of the messages of other instances.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// Takes a message.
    fn receive(&self, message: &[u8]);

    /// Notes that messages are lost. Anything may have happened.
    fn miss(&self);
}

/// The link of an instance to the others. Dropping it ends the link.
pub(crate) struct Link {
    sender: Arc<Sender>,
    tasks: [AbortHandle; 2],
}

impl Link {
    /// Begins to send and to receive.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn new(engine: Arc<dyn Backplane>, envelopes: Envelopes, receiver: impl Receiver) -> Self {
        let sender = Arc::new(Sender {
            engine: Arc::clone(&engine),
            envelopes: Arc::new(envelopes),
            waiting: Mutex::default(),
            came: Notify::new(),
            warnings: Throttle::default(),
        });
        let receiving = receive(engine, Arc::clone(&sender.envelopes), receiver);
        let tasks = [tokio::spawn(Arc::clone(&sender).run()), tokio::spawn(receiving)];
        Self { sender, tasks: tasks.map(|task| task.abort_handle()) }
    }

    /// Sends a message to all other instances, without waiting for the engine.
    pub(crate) fn tell(&self, message: Vec<u8>) {
        let mut waiting = locked(&self.sender.waiting);
        waiting.last += 1;
        if waiting.messages.len() < MAX_WAITING {
            let number = waiting.last;
            waiting.messages.push_back((number, message));
        }
        drop(waiting);
        self.sender.came.notify_one();
    }

    /// Tells the other instances that this one ends, so that they do not wait for it. Messages that wait are dropped.
    pub(crate) async fn leave(&self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        let last = locked(&self.sender.waiting).last;
        self.sender.send(&encode(LEAVE, last, &[])).await;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// The sender of the messages of this instance.
struct Sender {
    engine: Arc<dyn Backplane>,
    envelopes: Arc<Envelopes>,
    waiting: Mutex<Waiting>,
    came: Notify,
    warnings: Throttle,
}

#[derive(Default)]
struct Waiting {
    /// The number of the last message, sent or not.
    last: u64,
    messages: VecDeque<(u64, Vec<u8>)>,
}

impl Sender {
    /// Sends what waits, one message after the other, and beats in between.
    async fn run(self: Arc<Self>) {
        let mut next_beat = Instant::now();
        loop {
            let next = {
                let mut waiting = locked(&self.waiting);
                // The numbers of messages that found no room are those of a gap.
                waiting.messages.pop_front().ok_or(waiting.last)
            };
            match next {
                Ok((number, message)) => self.send(&encode(TELL, number, &message)).await,
                Err(last) if next_beat <= Instant::now() => {
                    self.send(&encode(BEAT_TAG, last, &[])).await;
                    next_beat = Instant::now() + BEAT;
                }
                Err(_) => {
                    // A message, or the time of the next beat.
                    let _ = tokio::time::timeout_at(next_beat, self.came.notified()).await;
                }
            }
        }
    }

    async fn send(&self, message: &[u8]) {
        let envelope = self.envelopes.seal(TO_ALL, message.to_vec());
        let sent = timeout(TIMEOUT, self.engine.send(Recipient::All, &envelope)).await.unwrap_or(Err(Unavailable));
        if let (Err(error), Some(suppressed)) = (sent, sent.err().and_then(|_| self.warnings.pass())) {
            tracing::warn!(%error, suppressed, "other instances do not hear of changes here until it is back");
        }
    }
}

/// The first byte of a message that the receiver takes.
const TELL: u8 = 1;
/// The first byte of a message that only names the last one.
const BEAT_TAG: u8 = 2;
/// The first byte of the last message of an instance, which names the one before.
const LEAVE: u8 = 3;

fn encode(tag: u8, number: u64, body: &[u8]) -> Vec<u8> {
    [&[tag][..], &number.to_be_bytes(), body].concat()
}

/// Receives messages of all other instances, and notices the ones that are lost.
async fn receive(engine: Arc<dyn Backplane>, envelopes: Arc<Envelopes>, receiver: impl Receiver) {
    let (mut peers, own) = (Peers::default(), envelopes.own().to_string());
    loop {
        // A timeout would lose a message that arrives at the same moment, so that the silence is noticed by beats alone.
        let Ok(envelope) = engine.receive(&own).await else {
            peers.excuse();
            sleep(RETRY).await;
            continue;
        };
        let Some((sender, message)) = envelopes.open(TO_ALL, &envelope) else { continue };
        let Some(([tag, number @ ..], body)) = message.split_first_chunk::<9>() else { continue };
        let number = u64::from_be_bytes(*number);
        // The instance itself is a peer whose messages are not received, so that its own beats find silent ones.
        let is_own = sender == envelopes.own();
        let mut is_gap = peers.expire();
        let place = match *tag {
            _ if is_own => Place::Old,
            TELL => peers.message(sender, number),
            BEAT_TAG => {
                is_gap |= peers.beat(sender, number);
                Place::Old
            }
            LEAVE => {
                is_gap |= peers.leave(sender, number);
                Place::Old
            }
            // A kind of message of a newer version, which sends it to those that know it.
            _ => Place::Old,
        };
        if is_gap || place == Place::AfterGap {
            receiver.miss();
        }
        if place != Place::Old {
            receiver.receive(body);
        }
    }
}
