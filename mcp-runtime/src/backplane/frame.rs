//! The form of messages between instances, inside of their envelopes.

/// The kind of a message, which is its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum FrameKind {
    /// A message whose loss is noticed.
    Message = 1,
    /// The number of the last message.
    Beat = 2,
    /// The end of the instance, with the number of its last message.
    Leave = 3,
    /// A message whose loss is not noticed.
    Hint = 4,
    /// A request, with its number.
    Request = 5,
    /// The reply to the request of this number.
    Reply = 6,
}

impl FrameKind {
    const ALL: [Self; 6] = [Self::Message, Self::Beat, Self::Leave, Self::Hint, Self::Request, Self::Reply];

    /// Writes a message.
    pub(super) fn encode(self, number: u64, body: &[u8]) -> Vec<u8> {
        [&[self as u8][..], &number.to_be_bytes(), body].concat()
    }

    /// Reads a message: its kind, its number and its body. Returns `None` for a kind of a newer version of the program.
    pub(super) fn decode(message: &[u8]) -> Option<(Self, u64, &[u8])> {
        let ([kind, number @ ..], body) = message.split_first_chunk::<9>()?;
        let kind = Self::ALL.into_iter().find(|known| *known as u8 == *kind)?;
        Some((kind, u64::from_be_bytes(*number), body))
    }
}
