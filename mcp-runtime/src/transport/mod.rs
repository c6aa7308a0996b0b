//! The ways of messages to a server and back: HTTP, stdio and memory.

mod dispatch;
#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod memory;
mod session;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;

use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::version::ProtocolVersion;

/// Returns the version that the body of a request declares, if there is one.
fn declared_version(request: &Request<'_>) -> Option<Result<ProtocolVersion, Error>> {
    let name = request.params.declared_version()?;
    Some(match ProtocolVersion::parse(name) {
        None => Err(Error::unsupported_version(name)),
        Some(version) if version.is_modern() => request.params.require_meta().map(|()| version),
        Some(version) => Ok(version),
    })
}
