//! The form of what instances tell each other, within a message or a record.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a message, a request, a reply or a record.
pub(crate) fn encode(content: &impl Serialize) -> Vec<u8> {
    // These types have no maps with other keys than texts.
    serde_json::to_vec(content).unwrap_or_default()
}

/// Reads what [`encode`] wrote. Returns `None` for content of a newer version of the program.
pub(crate) fn decode<T: DeserializeOwned>(content: &[u8]) -> Option<T> {
    serde_json::from_slice(content).ok()
}
