//! The part of a session that never changes.

use crate::auth::{AccessToken, Principal};
use crate::protocol::client::Client;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::version::ProtocolVersion;

/// The agreement with which a session begins.
pub(in crate::transport) struct Handshake {
    pub(in crate::transport) version: ProtocolVersion,
    pub(in crate::transport) client: Client,
    /// The only caller that the session serves.
    pub(in crate::transport) principal: Principal,
}

impl Handshake {
    /// Reads the handshake in `initialize`.
    pub(in crate::transport) fn read(request: &Request<'_>, token: Option<&AccessToken>) -> Result<Self, Error> {
        let client = request.params.client()?;
        let version = Self::version(request)?;
        Ok(Self { version, client, principal: Principal::of(token) })
    }

    /// Returns the version that `initialize` settles on.
    pub(in crate::transport) fn version(request: &Request<'_>) -> Result<ProtocolVersion, Error> {
        let requested = request.params.protocol_version()?;
        Ok(ProtocolVersion::agreed(requested.as_deref().unwrap_or_default()))
    }
}
