//! The time limit of an item.

use std::time::Duration;

/// The time limit of an item.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TimeLimit {
    /// The limit of the server, if it has one.
    Inherited,
    /// A limit of its own.
    Own(Duration),
    /// No limit, because a thread cannot be stopped.
    Blocking,
}

impl TimeLimit {
    /// Returns the limit of the item itself.
    #[cfg(feature = "testing")]
    pub(crate) fn own(self) -> Option<Duration> {
        self.or(None)
    }

    /// Returns the limit of an item of a server with this default.
    pub(crate) fn or(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Inherited => default,
            Self::Own(limit) => Some(limit),
            Self::Blocking => None,
        }
    }
}
