//! One request being served: what is said before its answer, and the answer.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use crate::limits::StreamLimits;
use crate::lock::locked;

/// A request being served. Nothing happens but while [`next`](Self::next) is polled, and dropping it ends the handler.
pub(crate) struct Exchange<'w, A> {
    work: Option<Pin<Box<dyn Future<Output = A> + Send + 'w>>>,
    /// Until what was said before is read. In a box, because there is room for it as long as a connection lives.
    answer: Option<Box<A>>,
    outbox: Outbox,
}

/// What is said to a client.
pub(crate) enum Said<A> {
    /// A notification or a request, complete, before the answer.
    Message(Vec<u8>),
    /// The client is to come back for the rest. Only a stream that can be resumed understands it.
    CloseStream,
    /// The answer takes long: where the response is still open, it becomes a stream. One that is a stream already stays
    /// as it is.
    OpenStream,
    /// The last word.
    Answer(A),
}

impl<'w, A> Exchange<'w, A> {
    /// `work` gives the answer, and `outbox` is what it says before.
    pub(crate) fn new(work: Pin<Box<dyn Future<Output = A> + Send + 'w>>, outbox: Outbox) -> Self {
        Self { work: Some(work), answer: None, outbox }
    }

    /// Waits for what is said next. Pending forever after the answer.
    pub(crate) async fn next(&mut self) -> Said<A> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The same for those who poll.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Said<A>> {
        // What waits is sent first: a client that reads slowly slows the handler down.
        if let Some(said) = self.outbox.queue().pop() {
            return Poll::Ready(said);
        }
        if let Some(work) = &mut self.work
            && let Poll::Ready(answer) = work.as_mut().poll(cx)
        {
            self.work = None;
            let Some(said) = self.outbox.queue().pop() else { return Poll::Ready(Said::Answer(answer)) };
            self.answer = Some(Box::new(answer));
            return Poll::Ready(said);
        }
        let mut queue = self.outbox.queue();
        if let Some(said) = queue.pop() {
            return Poll::Ready(said);
        }
        if let Some(answer) = self.answer.take() {
            return Poll::Ready(Said::Answer(*answer));
        }
        if queue.reader.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
            queue.reader = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// When the client may not be told anything any more, if the work has said so.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.outbox.queue().expires_at
    }

    /// Whether the answer was given.
    pub(crate) fn is_over(&self) -> bool {
        self.work.is_none() && self.answer.is_none() && self.outbox.queue().waiting.is_empty()
    }
}

/// Messages on their way to the client of one request, in their order.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: Arc<Mutex<Queue>>,
    /// How much may wait before further messages are left out that nobody waits for.
    capacity: Capacity,
}

/// How much waits for a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl Capacity {
    pub(crate) fn new(limits: &StreamLimits) -> Self {
        Self { messages: limits.queued_messages, bytes: limits.queued_bytes }
    }

    /// Whether there is room for more, beside so many messages of so many bytes together.
    pub(crate) fn has_room(&self, messages: usize, bytes: usize) -> bool {
        messages < self.messages && bytes < self.bytes
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(Capacity::new(&StreamLimits::default()))
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How long the waiting messages are together.
    bytes: usize,
    reader: Option<Waker>,
    expires_at: Option<SystemTime>,
}

impl Queue {
    fn pop<A>(&mut self) -> Option<Said<A>> {
        Some(match self.waiting.pop_front()? {
            Waiting::Message(message) => {
                self.bytes -= message.len();
                Said::Message(message)
            }
            Waiting::CloseStream => Said::CloseStream,
            Waiting::OpenStream => Said::OpenStream,
        })
    }
}

enum Waiting {
    Message(Vec<u8>),
    CloseStream,
    OpenStream,
}

impl Outbox {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self { queue: Arc::default(), capacity }
    }

    /// Sends a complete message that nobody waits for. It is left out when too many wait: a method on another thread does
    /// not wait for its client.
    pub(crate) fn tell(&self, message: Vec<u8>) {
        let queue = self.queue();
        let has_room = self.capacity.has_room(queue.waiting.len(), queue.bytes);
        drop(queue);
        if has_room {
            self.send(message);
        }
    }

    /// Sends a complete message.
    pub(crate) fn send(&self, message: Vec<u8>) {
        self.push(Waiting::Message(message));
    }

    /// Asks the client to come back for the rest.
    pub(crate) fn close_stream(&self) {
        self.push(Waiting::CloseStream);
    }

    /// Makes the response a stream, whether or not there is something to say.
    pub(crate) fn open_stream(&self) {
        self.push(Waiting::OpenStream);
    }

    fn push(&self, waiting: Waiting) {
        let mut queue = self.queue();
        if let Waiting::Message(message) = &waiting {
            queue.bytes += message.len();
        }
        queue.waiting.push_back(waiting);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
    }

    /// Says when the client may not be told anything any more, before it is told anything.
    pub(crate) fn close_at(&self, time: SystemTime) {
        self.queue().expires_at = Some(time);
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        locked(&self.queue)
    }
}
