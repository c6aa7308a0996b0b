//! The hasher of maps whose keys are hashes.

use std::hash::Hasher;

/// The hasher of keys that are hashes with secret keys already.
#[derive(Default)]
pub(super) struct KeyAsHash(u64);

impl Hasher for KeyAsHash {
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    /// Folds other keys, of which there are none.
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
