//! The events of one request of a session, buffered for a client that reconnects.
//!
//! This implements MCP 2025-11-25, "Resumability and Redelivery".

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::budget::{BoundedQueue, Capacity};
use crate::lock::locked;
use crate::transport::http::response::body::EventSource;

/// The events of one stream, written by one side and read by the other, over one connection at a time.
pub(in crate::transport::http) struct Replay {
    name: Box<str>,
    state: Mutex<State>,
    /// Notified when a reader connects, reads, or disconnects.
    moved: Notify,
}

struct State {
    events: BoundedQueue<Bytes>,
    /// The number of the first event that the reader has not taken, and its client not seen.
    taken: u64,
    /// The current reader. A later one replaces it.
    reader: Option<u64>,
    readers: u64,
    /// Set if the reader disconnects after all events, and its client reconnects.
    pausing: bool,
    done: bool,
    /// Set once no client can come back for the rest.
    is_dismissed: bool,
}

impl Replay {
    /// Creates an empty buffer whose event ids begin with `name`. Each event holds its permit.
    pub(in crate::transport::http) fn new(name: impl Into<Box<str>>, capacity: Capacity) -> Arc<Self> {
        let events = BoundedQueue::new(capacity);
        let state =
            State { events, taken: 0, reader: None, readers: 0, pausing: false, done: false, is_dismissed: false };
        Arc::new(Self { name: name.into(), state: Mutex::new(state), moved: Notify::new() })
    }

    pub(in crate::transport::http) fn name(&self) -> &str {
        &self.name
    }

    /// Adds the event that `make` makes with its id. The oldest events are evicted when there is no room.
    pub(in crate::transport::http) fn push(&self, make: impl FnOnce(&str) -> Bytes) {
        let mut state = self.lock();
        let event = make(&format!("{}-{}", self.name, state.events.next()));
        state.events.make_room();
        state.taken = state.taken.max(state.events.first());
        state.events.push(event);
        wake(state);
    }

    /// Ends the stream after its last event.
    pub(in crate::transport::http) fn finish(&self) {
        let mut state = self.lock();
        state.done = true;
        wake(state);
    }

    /// Disconnects the reader after the events so far.
    pub(in crate::transport::http) fn pause(&self) {
        let mut state = self.lock();
        state.pausing = state.reader.is_some();
        wake(state);
    }

    /// Completes when one more event evicts none that nobody has taken.
    pub(in crate::transport::http) async fn room(&self) {
        self.until(|state| state.events.has_room() || state.events.first() < state.taken).await;
    }

    /// Ready when nobody has read for so long.
    pub(in crate::transport::http) async fn abandoned(&self, limit: Duration) {
        loop {
            self.until(|state| state.reader.is_none()).await;
            let back = self.until(|state| state.reader.is_some());
            if tokio::time::timeout(limit, back).await.is_err() {
                return;
            }
        }
    }

    /// Ends the wait for a client that comes back. A reader that is connected reads on.
    pub(in crate::transport::http) fn dismiss(&self) {
        let mut state = self.lock();
        state.done = true;
        state.is_dismissed = true;
        wake(state);
        self.moved.notify_waiters();
    }

    /// Completes when no client can come back for the rest.
    pub(in crate::transport::http) async fn dismissed(&self) {
        self.until(|state| state.is_dismissed).await;
    }

    async fn until(&self, condition: impl Fn(&State) -> bool) {
        loop {
            let mut moved = pin!(self.moved.notified());
            // What happens between the look and the wait counts, too.
            moved.as_mut().enable();
            if condition(&self.lock()) {
                return;
            }
            moved.await;
        }
    }

    /// Reads from the beginning, or on from the event of this number. `None` when there has never been such an event.
    pub(in crate::transport::http) fn read(self: &Arc<Self>, last: Option<u64>) -> Option<Reader> {
        let mut state = self.lock();
        let taken = last.map_or(0, |last| last.saturating_add(1));
        if taken > state.events.next() {
            return None;
        }
        state.taken = taken.max(state.events.first());
        state.readers += 1;
        state.reader = Some(state.readers);
        state.pausing = false;
        let number = state.readers;
        // The one before finds that it is over.
        wake(state);
        self.moved.notify_waiters();
        Some(Reader { replay: Arc::clone(self), number })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

/// A waker may run anything, so it runs without the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.events.take_reader();
    drop(state);
    waker.into_iter().for_each(Waker::wake);
}

/// A connection that reads. Dropping it, at the end or before, leaves the rest to the next one.
pub(in crate::transport::http) struct Reader {
    replay: Arc<Replay>,
    number: u64,
}

/// Events of a stream in a row. None are left at the end.
#[derive(Debug, Default)]
pub(super) struct EventBatch {
    /// The number of the first of these events.
    pub(super) first: u64,
    pub(super) events: Vec<Bytes>,
}

impl Reader {
    /// Polls for the events after `last`: as many as have `max_bytes`, and at least one, or none at the end.
    ///
    /// The events up to `last` are taken, and may be evicted. The others stay, because the client may not receive them.
    pub(super) fn poll_batch(&self, last: u64, max_bytes: usize, cx: &Context<'_>) -> Poll<EventBatch> {
        let mut state = self.replay.lock();
        if state.reader != Some(self.number) {
            return Poll::Ready(EventBatch::default());
        }
        let taken = last.saturating_add(1);
        state.taken = state.taken.max(taken.min(state.events.next()));
        let (first, mut bytes) = (taken.max(state.events.first()), 0);
        let fits = |event: &&Bytes| {
            bytes += event.len();
            bytes == event.len() || bytes <= max_bytes
        };
        let events: Vec<_> = state.events.starting_at(first).take_while(fits).cloned().collect();
        let is_over = state.done || state.pausing;
        let old = if events.is_empty() && !is_over { state.events.wait(cx) } else { None };
        drop(state);
        drop(old);
        self.replay.moved.notify_waiters();
        if events.is_empty() && !is_over { Poll::Pending } else { Poll::Ready(EventBatch { first, events }) }
    }
}

impl EventSource for Reader {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.replay.lock();
        if state.reader != Some(self.number) {
            return Poll::Ready(None);
        }
        let event = state.events.starting_at(state.taken).next().cloned();
        if let Some(event) = event {
            state.taken += 1;
            drop(state);
            self.replay.moved.notify_waiters();
            return Poll::Ready(Some(event));
        }
        if state.done || state.pausing {
            return Poll::Ready(None);
        }
        let old = state.events.wait(cx);
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.replay.lock();
        if state.reader == Some(self.number) {
            state.reader = None;
            drop(state);
            self.replay.moved.notify_waiters();
        }
    }
}

/// The stream and the number of the event in an id that a client sends.
pub(in crate::transport::http) fn parse_id(id: &str) -> Option<(&str, u64)> {
    let (name, number) = id.rsplit_once('-')?;
    // As it was written: no sign, no further zeros.
    number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number).map(|number| (name, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(messages: usize) -> Capacity {
        Capacity { messages, bytes: 1000 }
    }

    fn replay(capacity: Capacity) -> Arc<Replay> {
        Replay::new("a", capacity)
    }

    fn say(replay: &Replay, text: &str) {
        replay.push(|id| format!("{id} {text}").into());
    }

    fn heard(reader: &mut Reader) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            match reader.poll_next(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(event)) => heard.push(String::from_utf8(event.into()).expect("UTF-8")),
                Poll::Ready(None) => heard.push("end".to_owned()),
                Poll::Pending => return heard,
            }
            if heard.last().is_some_and(|last| last == "end") {
                return heard;
            }
        }
    }

    #[test]
    fn who_comes_back_hears_the_rest_and_who_was_there_before_nothing() {
        let replay = replay(capacity(3));
        let mut first = replay.read(None).expect("a reader");
        say(&replay, "x");
        assert_eq!(heard(&mut first), ["a-0 x"]);
        say(&replay, "y");
        let mut second = replay.read(Some(0)).expect("a reader");
        assert_eq!(heard(&mut first), ["end"]);
        drop(first);
        say(&replay, "z");
        replay.finish();
        assert_eq!(heard(&mut second), ["a-1 y", "a-2 z", "end"]);
        // It may have got lost on the way.
        let mut third = replay.read(Some(1)).expect("a reader");
        assert_eq!(heard(&mut third), ["a-2 z", "end"]);
        assert!(replay.read(Some(3)).is_none() && replay.read(Some(u64::MAX)).is_none());
    }

    #[test]
    fn a_pause_ends_one_connection() {
        let replay = replay(capacity(3));
        replay.pause();
        let mut reader = replay.read(None).expect("a reader");
        assert_eq!(heard(&mut reader), [""; 0]);
        say(&replay, "x");
        replay.pause();
        say(&replay, "y");
        assert_eq!(heard(&mut reader), ["a-0 x", "a-1 y", "end"]);
        assert_eq!(heard(&mut replay.read(Some(1)).expect("a reader")), [""; 0]);
    }

    #[tokio::test]
    async fn nothing_is_forgotten_that_nobody_took() {
        let replay = replay(capacity(2));
        let mut room = pin!(replay.room());
        for text in ["x", "y"] {
            assert!(poll(room.as_mut()).is_ready());
            room.set(replay.room());
            say(&replay, text);
        }
        assert!(poll(room.as_mut()).is_pending());
        let mut reader = replay.read(None).expect("a reader");
        assert!(poll(room.as_mut()).is_pending());
        assert!(reader.poll_next(&mut Context::from_waker(Waker::noop())).is_ready());
        assert!(poll(room.as_mut()).is_ready());
        say(&replay, "z");
        assert_eq!(heard(&mut reader), ["a-1 y", "a-2 z"]);
        let mut again = replay.read(Some(0)).expect("a reader");
        assert_eq!(heard(&mut again), ["a-1 y", "a-2 z"], "what is left of it");
    }

    #[tokio::test]
    async fn a_batch_is_kept_until_it_is_taken() {
        let replay = replay(capacity(2));
        let mut reader = replay.read(Some(0));
        assert!(reader.is_none(), "there is no event 0");
        say(&replay, "x");
        say(&replay, "y");
        reader = replay.read(Some(0));
        let batch = |reader: &Option<Reader>, last, max_bytes| {
            let cx = Context::from_waker(Waker::noop());
            match reader.as_ref().expect("a reader").poll_batch(last, max_bytes, &cx) {
                Poll::Ready(batch) => Some((batch.first, batch.events.len())),
                Poll::Pending => None,
            }
        };
        assert_eq!(batch(&reader, 0, 100), Some((1, 1)));
        say(&replay, "z");
        assert!(poll(pin!(replay.room())).is_pending(), "the reply may be lost");
        assert_eq!(batch(&reader, 0, 100), Some((1, 2)));
        assert_eq!(batch(&reader, 0, 1), Some((1, 1)), "at least one");
        assert_eq!(batch(&reader, 1, 100), Some((2, 1)));
        assert!(poll(pin!(replay.room())).is_ready());
        assert_eq!(batch(&reader, 2, 100), None);
        replay.pause();
        assert_eq!(batch(&reader, 2, 100), Some((3, 0)), "the client reconnects");
        assert!(replay.read(Some(2)).is_some());
        assert_eq!(batch(&reader, 0, 100), Some((0, 0)), "another reader took over");
    }

    #[tokio::test]
    async fn long_events_take_more_room() {
        let replay = replay(Capacity { messages: 9, bytes: 12 });
        say(&replay, "long enough");
        assert!(poll(pin!(replay.room())).is_pending());
        let mut reader = replay.read(None).expect("a reader");
        assert_eq!(heard(&mut reader), ["a-0 long enough"]);
        assert!(poll(pin!(replay.room())).is_ready());
        say(&replay, "x");
        assert_eq!(heard(&mut replay.read(None).expect("a reader")), ["a-1 x"], "the first is forgotten");
    }

    fn poll(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> Poll<()> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn an_id_is_read_as_it_was_written() {
        assert_eq!(parse_id("a-b-17"), Some(("a-b", 17)));
        for id in ["", "a", "a-", "a-+1", "a-01", "a-99999999999999999999", "a--1x"] {
            assert_eq!(parse_id(id), None, "{id}");
        }
    }
}
