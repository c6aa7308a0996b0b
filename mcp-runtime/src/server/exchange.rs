//! One request being served: the messages before its response, and the response.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use crate::budget::{BoundedQueue, ByteLength, Capacity, FLAT_CHARGE, Permit};
use crate::limits::StreamLimits;
use crate::lock::locked;
use crate::protocol::error::Error;

/// A request being served. The handler runs only while [`next`](Self::next) is polled; dropping the exchange cancels it.
pub(crate) struct Exchange<'w, R> {
    work: Option<Pin<Box<dyn Future<Output = R> + Send + 'w>>>,
    /// Kept until the messages before it are read. Boxed, because a connection reserves the space for as long as it lives.
    response: Option<Box<R>>,
    outbox: Outbox,
}

/// One step of an exchange: a message, a request to reconnect, or the response.
pub(crate) enum ServerMessage<R> {
    /// A notification or a request, complete, before the response. The permit is for what the connection does not stand for.
    Message(Vec<u8>, Option<Box<Permit>>),
    /// A request to reconnect for the rest, which only a resumable stream can act on.
    CloseStream,
    /// A request to respond with a stream, because the response takes long. An open stream ignores it.
    OpenStream,
    /// The response, which is the last step.
    Response(R),
}

impl<'w, R> Exchange<'w, R> {
    /// Creates an exchange from the future of the response and the outbox of its handler.
    pub(crate) fn new(work: Pin<Box<dyn Future<Output = R> + Send + 'w>>, outbox: Outbox) -> Self {
        Self { work: Some(work), response: None, outbox }
    }

    /// Waits for the next step. Pending forever after the response.
    pub(crate) async fn next(&mut self) -> ServerMessage<R> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls for the next step. Pending forever after the response.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ServerMessage<R>> {
        // Buffered messages are sent before the handler runs on, so that a slow reader slows it down.
        if let Some(interim) = self.outbox.state().queue.pop() {
            return Poll::Ready(interim.into());
        }
        if let Some(work) = &mut self.work
            && let Poll::Ready(response) = work.as_mut().poll(cx)
        {
            self.work = None;
            let Some(interim) = self.outbox.state().queue.pop() else {
                return Poll::Ready(ServerMessage::Response(response));
            };
            self.response = Some(Box::new(response));
            return Poll::Ready(interim.into());
        }
        let mut state = self.outbox.state();
        if let Some(interim) = state.queue.pop() {
            return Poll::Ready(interim.into());
        }
        if let Some(response) = self.response.take() {
            return Poll::Ready(ServerMessage::Response(*response));
        }
        let before = state.queue.wait(cx);
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// Returns the time after which the client must not be sent anything, if the handler has set one.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.outbox.state().expires_at
    }

    /// Returns `true` if the response was given.
    pub(crate) fn is_over(&self) -> bool {
        self.work.is_none() && self.response.is_none() && self.outbox.state().queue.is_empty()
    }
}

/// The messages on their way to the client of one request, in their order.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Mutex<OutboxState>>);

struct OutboxState {
    queue: BoundedQueue<Interim>,
    /// The bytes in the queue that need no permit, because the connection stands for them.
    flat_charge: usize,
    /// The requests that are not decided yet.
    undecided: usize,
    expires_at: Option<SystemTime>,
}

/// A step before the response.
enum Interim {
    Message(Vec<u8>, Option<Box<Permit>>),
    CloseStream,
    OpenStream,
}

impl<R> From<Interim> for ServerMessage<R> {
    fn from(interim: Interim) -> Self {
        match interim {
            Interim::Message(message, permit) => Self::Message(message, permit),
            Interim::CloseStream => Self::CloseStream,
            Interim::OpenStream => Self::OpenStream,
        }
    }
}

impl ByteLength for Interim {
    fn byte_length(&self) -> usize {
        match self {
            Self::Message(message, _) => message.len(),
            Self::CloseStream | Self::OpenStream => 0,
        }
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(StreamLimits::default().capacity(), FLAT_CHARGE)
    }
}

impl Outbox {
    /// Creates an empty outbox whose connection stands for the first `flat_charge` bytes.
    pub(crate) fn new(capacity: Capacity, flat_charge: usize) -> Self {
        let state = OutboxState { queue: BoundedQueue::new(capacity), flat_charge, undecided: 0, expires_at: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Sends a complete message that needs no answer, or drops it when the queue is full.
    ///
    /// A method on another thread does not wait for its client, so the queue could grow without end. `permit` is used for
    /// what the connection of the client does not stand for.
    pub(crate) fn send_or_drop(&self, message: Vec<u8>, permit: impl FnOnce() -> Permit) {
        let has_room = self.state().queue.has_room();
        if has_room && let Ok(permit) = self.charge(&message, permit) {
            self.push(Interim::Message(message, permit));
        }
    }

    /// Sends a complete message, even when the queue is full.
    ///
    /// # Errors
    /// It needs a permit, and `permit` cannot grow.
    pub(crate) fn send_charged(&self, message: Vec<u8>, permit: impl FnOnce() -> Permit) -> Result<(), Error> {
        let permit = self.charge(&message, permit)?;
        self.push(Interim::Message(message, permit));
        Ok(())
    }

    /// Sends a short complete message, even when the queue is full.
    pub(crate) fn send(&self, message: Vec<u8>) {
        self.push(Interim::Message(message, None));
    }

    /// Takes the permit for a message, if the connection does not stand for it.
    fn charge(&self, message: &[u8], permit: impl FnOnce() -> Permit) -> Result<Option<Box<Permit>>, Error> {
        let state = self.state();
        let is_free = state.queue.bytes() + message.len() <= state.flat_charge;
        drop(state);
        if is_free {
            return Ok(None);
        }
        let mut permit = permit();
        match permit.grow(message.len()) {
            Ok(()) => Ok(Some(Box::new(permit))),
            Err(reason) => Err(Error::overloaded(permit.pool().refuse(reason))),
        }
    }

    /// Asks the client to reconnect for the rest.
    pub(crate) fn close_stream(&self) {
        self.push(Interim::CloseStream);
    }

    /// Makes the response a stream, even before there is a message.
    pub(crate) fn open_stream(&self) {
        self.push(Interim::OpenStream);
    }

    /// Delays the stream of silent requests until a request is decided, because a refusal may need an HTTP status.
    pub(crate) fn hold(&self) {
        self.state().undecided += 1;
    }

    /// Ends the delay by a request that is decided.
    pub(crate) fn release(&self) {
        let mut state = self.state();
        state.undecided = state.undecided.saturating_sub(1);
    }

    /// Returns `true` while a request is not decided.
    pub(crate) fn is_held(&self) -> bool {
        self.state().undecided > 0
    }

    fn push(&self, interim: Interim) {
        let mut state = self.state();
        state.queue.push(interim);
        let reader = state.queue.take_reader();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
    }

    /// Sets the time after which the client must not be sent anything. Called before the first message.
    pub(crate) fn close_at(&self, time: SystemTime) {
        self.state().expires_at = Some(time);
    }

    fn state(&self) -> MutexGuard<'_, OutboxState> {
        locked(&self.0)
    }
}
