//! The id of a session, which is its sealed handshake (MCP 2025-11-25, "Session Management").

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::auth::{Principal, TokenDigest};
use crate::json::truncate::truncated;
use crate::protocol::client::{Client, ClientCapabilities, ClientInfo, Extensions};
use crate::protocol::error::Error;
use crate::protocol::version::ProtocolVersion;
use crate::seal::StateKeys;
use crate::transport::session::Handshake;

/// The id of a session, opened.
pub(in crate::transport::http) struct SessionId {
    /// The key of the session in memory and in logs.
    pub(in crate::transport::http) key: TokenDigest,
    pub(in crate::transport::http) handshake: Handshake,
    /// The end of the session, in seconds since 1970.
    pub(in crate::transport::http) expiry: u64,
}

/// The sealed content of an id.
#[derive(Serialize, Deserialize)]
struct Content {
    version: String,
    capabilities: ClientCapabilities,
    client: Option<ClientInfo>,
    principal: Principal,
    /// The begin of the session, in seconds since 1970.
    start: u64,
}

impl SessionId {
    /// Returns the purpose for which an endpoint seals its ids: servers may share keys, but no sessions.
    pub(in crate::transport::http) fn purpose(endpoint: &str) -> String {
        format!("session of {endpoint}")
    }

    /// Seals the id of a session that begins now.
    pub(in crate::transport::http) fn seal(
        keys: &StateKeys,
        purpose: &str,
        handshake: Handshake,
    ) -> Result<String, Error> {
        let Handshake { version, client, principal } = handshake;
        let content = Content {
            version: version.as_str().to_owned(),
            // Extensions are for later versions, and could have any size.
            capabilities: ClientCapabilities { extensions: Extensions::default(), ..client.capabilities },
            client: client.info.map(briefly),
            principal,
            start: seconds(SystemTime::now()),
        };
        let content = serde_json::to_string(&content).map_err(|_| Error::internal("The session has no form"))?;
        Ok(keys.seal(purpose, &content)?)
    }

    /// Opens an id, if it is that of a session of the caller's that is not over.
    pub(in crate::transport::http) fn open(
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
            handshake: Handshake {
                version: ProtocolVersion::parse(&content.version)?,
                client: Client { info: content.client, capabilities: content.capabilities },
                principal: content.principal,
            },
            expiry,
        })
    }
}

/// Shortens the description of a client to what fits into a header.
fn briefly(client: ClientInfo) -> ClientInfo {
    ClientInfo {
        name: truncated(&client.name).to_owned(),
        version: truncated(&client.version).to_owned(),
        title: client.title.map(|title| truncated(&title).to_owned()),
        description: None,
        website_url: None,
    }
}

/// Returns the seconds since 1970.
pub(in crate::transport::http) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
