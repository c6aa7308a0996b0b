//! The id of a session of the older versions: all that the handshake settled, sealed, so that any instance with the same
//! keys can serve the session, and none needs memory for it (MCP 2025-11-25, "Session Management").

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::auth::{Principal, TokenDigest};
use crate::json::truncate::truncated;
use crate::protocol::client::{Client, ClientCapabilities, ClientInfo};
use crate::protocol::error::Error;
use crate::protocol::version::ProtocolVersion;
use crate::server::StateKeys;

/// A session whose id was opened.
pub(super) struct Session {
    /// What stands for its id.
    pub(super) key: TokenDigest,
    pub(super) version: ProtocolVersion,
    pub(super) client: Client,
    /// When it ends by itself, in seconds since 1970.
    pub(super) expiry: u64,
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: String,
    capabilities: ClientCapabilities,
    client: Option<ClientInfo>,
    principal: Principal,
    /// In seconds since 1970.
    start: u64,
}

impl Session {
    /// What the ids of the sessions of an endpoint are sealed for: servers may share keys, but no sessions.
    pub(super) fn purpose(endpoint: &str) -> String {
        format!("session of {endpoint}")
    }

    /// The id of a session that begins now.
    pub(super) fn begin(
        keys: &StateKeys,
        purpose: &str,
        version: ProtocolVersion,
        client: Client,
        principal: Principal,
    ) -> Result<String, Error> {
        let content = Content {
            version: version.as_str().to_owned(),
            // Extensions are for later versions, and could have any size.
            capabilities: ClientCapabilities { extensions: serde_json::Map::new(), ..client.capabilities },
            client: client.info.map(briefly),
            principal,
            start: seconds(SystemTime::now()),
        };
        let content = serde_json::to_string(&content).map_err(|_| Error::internal("The session has no form"))?;
        keys.seal(purpose, &content)
    }

    /// The session with this id, if it is one of the caller's and not over.
    pub(super) fn open(
        keys: &StateKeys,
        purpose: &str,
        id: &str,
        principal: &Principal,
        lifetime: Duration,
    ) -> Option<Self> {
        let content: Content = serde_json::from_str(&keys.open(purpose, id)?).ok()?;
        let expiry = content.start.saturating_add(lifetime.as_secs());
        if content.principal != *principal || expiry <= seconds(SystemTime::now()) {
            return None;
        }
        Some(Self {
            key: TokenDigest::of(id),
            version: ProtocolVersion::parse(&content.version)?,
            client: Client { info: content.client, capabilities: content.capabilities },
            expiry,
        })
    }
}

/// As much of a client's account of itself as fits into a header.
fn briefly(client: ClientInfo) -> ClientInfo {
    ClientInfo {
        name: truncated(&client.name).to_owned(),
        version: truncated(&client.version).to_owned(),
        title: client.title.map(|title| truncated(&title).to_owned()),
        description: None,
        website_url: None,
    }
}

pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
