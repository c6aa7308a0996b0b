//! Bytes that hold their permit until the last clone is dropped.

use bytes::Bytes;

use super::{FLAT_CHARGE, Permit};

/// Bytes with the permit for them.
struct ChargedBytes {
    bytes: Bytes,
    _permit: Permit,
}

impl AsRef<[u8]> for ChargedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Returns bytes that hold the permit, if there is one, until the last clone of them is dropped.
pub(crate) fn charged(bytes: impl Into<Bytes>, permit: Option<Permit>) -> Bytes {
    let bytes = bytes.into();
    match permit {
        Some(permit) => Bytes::from_owner(ChargedBytes { bytes, _permit: permit }),
        None => bytes,
    }
}

/// Returns bytes without the buffer into which they were read, if their connection stands for it.
///
/// Longer ones hold a permit.
pub(crate) fn detached(bytes: &Bytes) -> Bytes {
    if bytes.len() <= FLAT_CHARGE { Bytes::copy_from_slice(bytes) } else { bytes.clone() }
}
