//! The GET streams of a session (MCP 2025-11-25, "Listening for Messages from the Server").

use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::budget::{BoundedQueue, ByteLength, Capacity, Permit};
use crate::lock::locked;
use crate::server::{Change, Subscription};
use crate::transport::http::response::sse;
use crate::transport::session::Preferences;

/// The prefix of the ids of these events.
///
/// A client with an unknown id is not refused, because it waits for none of the events that it missed.
pub(in crate::transport::http) const PREFIX: &str = "g";

/// The changes that a session receives, over the newest of its streams.
pub(in crate::transport::http) struct Announcements {
    /// The prefix of the ids of its events.
    name: Box<str>,
    preferences: Arc<Preferences>,
    state: Mutex<State>,
}

struct State {
    /// The streams that are open, oldest first.
    streams: Vec<(u64, Option<Waker>)>,
    opened: u64,
    /// The changes that were sent, for a client that reconnects.
    sent: BoundedQueue<SentChange>,
    /// The permit like which each of these has one.
    buffer: Permit,
    ended: bool,
}

/// A change that was sent, with the permit for its bytes.
struct SentChange {
    change: Change,
    permit: Permit,
}

impl ByteLength for SentChange {
    fn byte_length(&self) -> usize {
        self.permit.amount()
    }
}

impl Announcements {
    pub(in crate::transport::http) fn new(
        name: &str,
        max_sent: usize,
        preferences: Arc<Preferences>,
        buffer: Permit,
    ) -> Self {
        let sent = BoundedQueue::new(Capacity { messages: max_sent, bytes: usize::MAX });
        let state = State { streams: Vec::new(), opened: 0, sent, buffer, ended: false };
        Self { name: format!("{PREFIX}{name}").into(), preferences, state: Mutex::new(state) }
    }

    /// Opens a stream, which takes over from the others. After the event that the client saw last, everything is told
    /// again.
    pub(in crate::transport::http) fn open(&self, last: Option<(&str, u64)>) -> u64 {
        let subscription = self.preferences.listen();
        let mut state = self.lock();
        match last {
            Some((name, last)) if name == &*self.name => {
                state.sent.starting_at(last.saturating_add(1)).for_each(|sent| subscription.repeat(&sent.change));
            }
            // Another instance may have sent some of the changes to a connection that was lost.
            Some(_) if self.preferences.record().is_some() => subscription.repeat_all(),
            _ => {}
        }
        let number = state.opened;
        state.opened += 1;
        state.streams.push((number, None));
        number
    }

    /// Polls for the next change that a stream has to decide about; `None` when it is over.
    pub(in crate::transport::http) fn poll_next(&self, number: u64, cx: &Context<'_>) -> Poll<Option<Change>> {
        let subscription = self.preferences.listen();
        let mut state = self.lock();
        let State { streams, ended, .. } = &mut *state;
        if *ended {
            return Poll::Ready(None);
        }
        if streams.last().is_some_and(|(newest, _)| *newest != number) && !subscription.is_over() {
            let own = streams.iter_mut().find(|(own, _)| *own == number);
            let old = own.and_then(|(_, waker)| waker.replace(cx.waker().clone()));
            drop(state);
            drop(old);
            return Poll::Pending;
        }
        subscription.poll_next(cx)
    }

    /// Returns the event of a change, which is kept for a client that reconnects; `None` when the session is over.
    ///
    /// Where no room is left for it, older changes are forgotten, and then this one.
    pub(in crate::transport::http) fn event(&self, change: Change) -> Option<Bytes> {
        let mut state = self.lock();
        let State { sent, buffer, ended, .. } = &mut *state;
        if *ended {
            return None;
        }
        let id = format!("{}-{}", self.name, sent.next());
        let event = sse::event(Some(&id), change.notification(None), None);
        sent.make_room();
        loop {
            let mut permit = buffer.empty();
            if permit.grow(change.bytes()).is_ok() {
                sent.push(SentChange { change, permit });
                break;
            }
            if sent.pop().is_none() {
                sent.skip();
                break;
            }
        }
        Some(event)
    }

    /// Returns a change that no stream has decided about.
    pub(in crate::transport::http) fn repeat(&self, change: &Change) {
        self.preferences.listen().repeat(change);
    }

    /// Closes a stream. The newest of the others takes over.
    pub(in crate::transport::http) fn close(&self, number: u64) {
        let mut state = self.lock();
        state.streams.retain(|(open, _)| *open != number);
        let next = state.streams.last_mut().and_then(|(_, waker)| waker.take());
        drop(state);
        next.into_iter().for_each(Waker::wake);
    }

    /// Ends all streams.
    pub(in crate::transport::http) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let mut wakers: Vec<_> = state.streams.iter_mut().filter_map(|(_, waker)| waker.take()).collect();
        wakers.extend(self.preferences.subscription().and_then(Subscription::waker));
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}
