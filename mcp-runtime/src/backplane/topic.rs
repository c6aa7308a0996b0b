//! The topics of messages between instances, and their receivers.

use std::pin::Pin;

/// The topic of a message, which is its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Topic {
    /// The offer and the resources have changed.
    Changes = 1,
    /// Sessions of older protocol versions.
    Sessions = 2,
    /// Calls that outlive their requests.
    Tasks = 3,
    /// The tools that are disabled.
    Offer = 4,
}

/// The reply of an owner, once it is there.
pub(crate) type ReplyFuture = Pin<Box<dyn Future<Output = Vec<u8>> + Send>>;

/// The receiver of the messages of other instances about a topic.
///
/// A message or a request that the receiver cannot read is one of a newer version of the program, and is ignored.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// Takes a message to all instances.
    fn receive(&self, message: &[u8]);

    /// Notes that messages are lost. Anything may have happened.
    fn miss(&self);

    /// Takes a request to this instance. The same request may come several times, and each has a reply.
    fn reply(&self, _request: Vec<u8>) -> Option<ReplyFuture> {
        None
    }
}

/// The receivers of all topics.
pub(crate) struct Receivers(pub(crate) Vec<(Topic, Box<dyn Receiver>)>);

impl Receivers {
    /// Returns the receiver of a message, and the message without its topic.
    pub(super) fn find<'m>(&self, message: &'m [u8]) -> Option<(&dyn Receiver, &'m [u8])> {
        let (topic, message) = message.split_first()?;
        let (_, receiver) = self.0.iter().find(|(known, _)| *known as u8 == *topic)?;
        Some((&**receiver, message))
    }

    /// Notes that messages of any topic may be lost.
    pub(super) fn miss(&self) {
        self.0.iter().for_each(|(_, receiver)| receiver.miss());
    }
}

/// Returns a message with its topic.
pub(super) fn about(topic: Topic, message: &[u8]) -> Vec<u8> {
    [&[topic as u8], message].concat()
}
