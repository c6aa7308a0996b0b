//! The messages of this instance to all others, which wait for the engine.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::connection::Connection;
use super::frame::FrameKind;
use crate::lock::locked;

/// The time between two messages that only name the last one. A lost message is noticed by the next of them.
const BEAT: Duration = Duration::from_millis(500);

/// Limits the messages that wait for the engine. Beyond it, further messages are a gap for the other instances.
const MAX_WAITING: usize = 1024;

/// The messages to all other instances.
pub(super) struct Outbound {
    connection: Arc<Connection>,
    queue: Mutex<Queue>,
    came: Notify,
}

#[derive(Default)]
struct Queue {
    /// The number of the last message, sent or not.
    last: u64,
    messages: VecDeque<WaitingMessage>,
    /// The bodies of these messages.
    bodies: HashSet<Arc<[u8]>>,
}

/// A message that waits.
struct WaitingMessage {
    kind: FrameKind,
    number: u64,
    body: Arc<[u8]>,
}

impl Outbound {
    pub(super) fn new(connection: Arc<Connection>) -> Arc<Self> {
        Arc::new(Self { connection, queue: Mutex::default(), came: Notify::new() })
    }

    /// Adds a message. An equal one that waits is sent for both.
    pub(super) fn push(&self, body: Vec<u8>) {
        let mut queue = locked(&self.queue);
        if queue.bodies.contains(&*body) {
            return;
        }
        queue.last += 1;
        if queue.messages.len() < MAX_WAITING {
            let number = queue.last;
            queue.add(FrameKind::Message, number, body);
        }
        drop(queue);
        self.came.notify_one();
    }

    /// Adds a message, unless many wait.
    pub(super) fn push_hint(&self, body: Vec<u8>) {
        let mut queue = locked(&self.queue);
        // The other half is for messages whose loss is noticed by everybody.
        if queue.messages.len() < MAX_WAITING / 2 && !queue.bodies.contains(&*body) {
            queue.add(FrameKind::Hint, 0, body);
            drop(queue);
            self.came.notify_one();
        }
    }

    /// Sends what waits, one message after the other, and beats in between.
    pub(super) async fn run(self: Arc<Self>) {
        let mut next_beat = Instant::now();
        loop {
            let next = locked(&self.queue).take();
            match next {
                Ok(WaitingMessage { kind, number, body }) => self.send(kind, number, &body).await,
                Err(last) if next_beat <= Instant::now() => {
                    self.send(FrameKind::Beat, last, &[]).await;
                    next_beat = Instant::now() + BEAT;
                }
                Err(_) => {
                    // A message, or the time of the next beat.
                    let _ = timeout_at(next_beat, self.came.notified()).await;
                }
            }
        }
    }

    /// Sends the end of this instance.
    pub(super) async fn leave(&self) {
        let last = locked(&self.queue).last;
        self.send(FrameKind::Leave, last, &[]).await;
    }

    async fn send(&self, kind: FrameKind, number: u64, body: &[u8]) {
        // A lost message is noticed by the receivers.
        let _ = self.connection.send(None, kind.encode(number, body)).await;
    }
}

impl Queue {
    fn add(&mut self, kind: FrameKind, number: u64, body: Vec<u8>) {
        let body: Arc<[u8]> = body.into();
        self.bodies.insert(Arc::clone(&body));
        self.messages.push_back(WaitingMessage { kind, number, body });
    }

    /// Takes the first message, or else returns the number of the last one.
    ///
    /// The numbers of messages that found no room are those of a gap.
    fn take(&mut self) -> Result<WaitingMessage, u64> {
        let message = self.messages.pop_front().ok_or(self.last)?;
        self.bodies.remove(&message.body);
        Ok(message)
    }
}
