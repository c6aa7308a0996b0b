//! How messages get to a server and back.

#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod memory;
mod settings;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;

use std::sync::Arc;

use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Listening, Operation, Outbox, RequestContext, Service, Subscription};

/// How many resources a client may be told about at once, unless a transport is told otherwise.
const MAX_SUBSCRIPTIONS: usize = 1000;

/// Serves a request where there is no HTTP around it, and so no token and no scopes. `heard` is what a client of an older
/// version hears of, and `max_subscriptions` how many resources that may be.
async fn answer(
    service: &Arc<Service>,
    request: &Request<'_>,
    version: ProtocolVersion,
    caller: Caller,
    heard: Option<&Subscription>,
    max_subscriptions: usize,
    outbox: Outbox,
) -> Vec<u8> {
    let catalog = service.catalog();
    let result = async {
        match (catalog.operation(request, version, |_| true)?, heard) {
            (Operation::Listen, _) => {
                let listening = Listening::begin(request, &catalog, service.listeners(), max_subscriptions, |_| true)?;
                return Ok(listening.run(&outbox).await);
            }
            (Operation::Subscribe { uri, on: true, .. }, Some(heard)) if !heard.add(&uri, max_subscriptions) => {
                return Err(Error::invalid_params(format!(
                    "Invalid params: there are {max_subscriptions} subscriptions already, which is all that this server takes"
                )));
            }
            (Operation::Subscribe { uri, on: false, .. }, Some(heard)) => heard.remove(&uri),
            (operation, _) => {
                let context = RequestContext::new(service, request, version, caller, outbox)?;
                let members = catalog.run(operation, &context).await?;
                return Ok(response::success(request.id, &members));
            }
        }
        Ok(response::success(request.id, &[]))
    };
    result.await.unwrap_or_else(|error| response::failure(Some(request.id), &error))
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
