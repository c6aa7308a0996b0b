//! Bytes that hold their permit until the last clone is dropped.

use bytes::Bytes;

use super::Permit;

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

/// Returns bytes that hold the permit until the last clone of them is dropped.
pub(crate) fn charged(bytes: impl Into<Bytes>, permit: Permit) -> Bytes {
    Bytes::from_owner(ChargedBytes { bytes: bytes.into(), _permit: permit })
}
