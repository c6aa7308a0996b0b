use std::sync::Arc;

use super::exchange::Outbox;
use super::service::Service;
use crate::auth::AccessToken;
use crate::protocol::version::ProtocolVersion;

/// Everything about a request but its message: what borrowed parameters are taken from.
#[doc(hidden)]
pub struct RequestContext {
    pub(crate) token: Option<AccessToken>,
    #[cfg(feature = "http")]
    pub(crate) parts: Option<http::request::Parts>,
    pub(crate) context: Context,
}

impl RequestContext {
    /// Of a request that did not come over HTTP.
    pub(crate) fn new(context: Context) -> Self {
        Self {
            token: None,
            #[cfg(feature = "http")]
            parts: None,
            context,
        }
    }
}

/// The request that a method serves, and the way back to its client.
pub struct Context {
    pub(crate) version: ProtocolVersion,
    pub(crate) outbox: Outbox,
    pub(crate) service: Arc<Service>,
}

impl Context {
    pub(crate) fn new(service: &Arc<Service>, version: ProtocolVersion, outbox: Outbox) -> Self {
        Self { version, outbox, service: Arc::clone(service) }
    }

    /// The revision of the protocol that the client speaks, such as `2026-07-28`.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        self.version.as_str()
    }
}
