//! How messages get to a server and back.

#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod memory;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;

use std::sync::Arc;

use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Outbox, RequestContext, Service};

/// Serves a request where there is no HTTP around it, and so no token and no scopes.
async fn answer(
    service: &Arc<Service>,
    request: &Request<'_>,
    version: ProtocolVersion,
    caller: Caller,
    outbox: Outbox,
) -> Vec<u8> {
    let catalog = service.catalog();
    let result = async {
        let operation = catalog.operation(request, version, |_| true)?;
        let context = RequestContext::new(service, request, version, caller, outbox)?;
        catalog.run(operation, &Arc::new(context)).await
    };
    match result.await {
        Ok(members) => response::success(request.id, &members),
        Err(error) => response::failure(Some(request.id), &error),
    }
}

/// The version that the body of a request declares, if it does.
fn declared_version(request: &Request<'_>) -> Option<Result<ProtocolVersion, Error>> {
    let name = request.params.declared_version()?;
    Some(match ProtocolVersion::parse(name) {
        None => Err(Error::unsupported_version(name)),
        Some(version) if version.is_modern() => request.params.require_meta().map(|()| version),
        Some(version) => Ok(version),
    })
}
