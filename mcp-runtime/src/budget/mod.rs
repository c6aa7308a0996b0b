//! Limits of what is buffered.

mod queue;

pub(crate) use queue::{BoundedQueue, ByteLength, Capacity};
