//! The sessions whose record this instance has read, so that it reads each once.

use std::collections::HashSet;

use crate::auth::TokenDigest;

/// Limits the sessions whose record need not be read again. Beyond it, all of them are read again.
const MAX_READ: usize = 65_536;

/// The sessions whose record was read since the last gap in the messages of other instances.
#[derive(Debug, Default)]
pub(super) struct ReadRecords {
    keys: HashSet<TokenDigest>,
    /// The number of times that something was forgotten.
    epoch: u64,
}

impl ReadRecords {
    /// Returns the epoch in which a record is read now. Returns `None` if it need not be.
    pub(super) fn begin(&self, key: &TokenDigest) -> Option<u64> {
        (!self.keys.contains(key)).then_some(self.epoch)
    }

    /// Notes that a record was read. One that has changed meanwhile is read again.
    pub(super) fn finish(&mut self, key: TokenDigest, epoch: u64) {
        if epoch == self.epoch {
            if self.keys.len() >= MAX_READ {
                self.keys.clear();
            }
            self.keys.insert(key);
        }
    }

    /// Has the record of a session read again.
    pub(super) fn forget(&mut self, key: &TokenDigest) {
        self.keys.remove(key);
        self.epoch += 1;
    }

    /// Has all records read again.
    pub(super) fn forget_all(&mut self) {
        self.keys.clear();
        self.epoch += 1;
    }
}
