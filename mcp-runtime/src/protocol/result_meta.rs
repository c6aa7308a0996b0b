//! The `_meta` that a method adds to its result.

use mcp_core::MetaKey;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of a method's own (MCP, "General fields": `_meta`).
pub(crate) type ResultMeta = Map<String, Value>;

/// Reads `_meta` without the members of the protocol, such as the server's info.
pub(super) fn own_members<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ResultMeta, D::Error> {
    let members = ResultMeta::deserialize(deserializer)?;
    Ok(members.into_iter().filter(|(key, _)| MetaKey::parse(key.as_str()).is_ok()).collect())
}
