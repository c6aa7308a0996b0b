//! The one queue of messages, with limits in messages and bytes.

use std::collections::VecDeque;
use std::task::{Context, Waker};

use bytes::Bytes;

/// The limits of a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

/// A message that counts towards the bytes of a queue.
pub(crate) trait ByteLength {
    fn byte_length(&self) -> usize;
}

impl ByteLength for Bytes {
    fn byte_length(&self) -> usize {
        self.len()
    }
}

/// Messages in their order, numbered from 0, and the waker of their reader.
///
/// A full queue still takes a message. Its owner decides before: it refuses the message, waits, or evicts the oldest.
pub(crate) struct BoundedQueue<T> {
    messages: VecDeque<T>,
    bytes: usize,
    capacity: Capacity,
    /// The number of the oldest message.
    first: u64,
    reader: Option<Waker>,
}

impl<T: ByteLength> BoundedQueue<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self { messages: VecDeque::new(), bytes: 0, capacity, first: 0, reader: None }
    }

    /// Returns `true` if one more message, of any length, is within the limits.
    pub(crate) fn has_room(&self) -> bool {
        self.messages.len() < self.capacity.messages && self.bytes < self.capacity.bytes
    }

    /// Evicts the oldest messages until there is room, or none is left.
    pub(crate) fn make_room(&mut self) {
        while !self.has_room() && self.pop().is_some() {}
    }

    /// Adds a message. The caller wakes the [reader](Self::take_reader).
    pub(crate) fn push(&mut self, message: T) {
        self.bytes += message.byte_length();
        self.messages.push_back(message);
    }

    /// Counts a message that is not kept. The queue is empty.
    pub(crate) fn skip(&mut self) {
        self.first += 1;
    }

    /// Removes the oldest message.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.byte_length();
        self.first += 1;
        Some(message)
    }

    /// Returns the length of all messages.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Returns the number of the oldest message.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number of the message that is pushed next.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    /// Returns the messages from this number on, as far as they are not evicted.
    pub(crate) fn starting_at(&self, number: u64) -> impl Iterator<Item = &T> {
        let index = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.messages.range(index.min(self.messages.len())..)
    }

    /// Registers the reader, and returns the one before.
    #[must_use = "dropping a waker may run anything, so it is dropped without the lock"]
    pub(crate) fn wait(&mut self, cx: &Context<'_>) -> Option<Waker> {
        if self.reader.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            return None;
        }
        self.reader.replace(cx.waker().clone())
    }

    /// Removes the waker of the reader.
    #[must_use = "a waker may run anything, so it is woken without the lock"]
    pub(crate) fn take_reader(&mut self) -> Option<Waker> {
        self.reader.take()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    fn queue(messages: usize, bytes: usize) -> BoundedQueue<Bytes> {
        BoundedQueue::new(Capacity { messages, bytes })
    }

    fn push_all(queue: &mut BoundedQueue<Bytes>, messages: &[&'static str]) {
        for message in messages {
            queue.make_room();
            queue.push(Bytes::from_static(message.as_bytes()));
        }
    }

    #[test]
    fn both_limits_count_and_reading_makes_room() {
        for (messages, bytes) in [(2, 100), (100, 2)] {
            let mut queue = queue(messages, bytes);
            push_all(&mut queue, &["a"]);
            assert!(queue.has_room());
            push_all(&mut queue, &["b"]);
            assert!(!queue.has_room());
            assert_eq!(queue.pop().as_deref(), Some(&b"a"[..]));
            assert!(queue.has_room());
        }
    }

    #[test]
    fn the_oldest_messages_are_evicted_and_numbers_stay() {
        let mut queue = queue(9, 4);
        push_all(&mut queue, &["a", "bb", "c", "d"]);
        assert_eq!((queue.first(), queue.next()), (1, 4));
        let rest = |number| queue.starting_at(number).map(|message| &message[..]).collect::<Vec<_>>();
        assert_eq!(rest(0), [&b"bb"[..], b"c", b"d"]);
        assert_eq!(rest(3), [b"d"]);
        assert!(rest(4).is_empty() && rest(u64::MAX).is_empty());
    }

    #[test]
    fn a_longer_message_is_buffered_alone() {
        let mut queue = queue(9, 4);
        push_all(&mut queue, &["a", "longer", "b"]);
        assert_eq!((queue.first(), queue.next()), (2, 3));
        push_all(&mut queue, &["longer"]);
        assert!(!queue.has_room());
        queue.make_room();
        assert!(queue.has_room() && queue.is_empty());
    }

    #[test]
    fn a_reader_is_woken_once() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let mut queue = queue(1, 1);
        assert!(queue.wait(&Context::from_waker(Waker::noop())).is_none());
        assert!(queue.wait(&Context::from_waker(&waker)).is_some(), "the last reader takes over");
        assert!(queue.wait(&Context::from_waker(&waker)).is_none(), "it is registered already");
        for _ in 0..2 {
            push_all(&mut queue, &["a"]);
            queue.take_reader().into_iter().for_each(Waker::wake);
        }
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }
}
