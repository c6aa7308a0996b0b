//! `subscriptions/listen` (MCP 2026-07-28, "Subscriptions"): a request whose response comes when the server closes.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mcp_core::NormalUri;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::hearing::{Hearing, MayHear, MayHearOf};
use super::subscriptions::{Filter, Listeners, Subscription, SubscriptionMeta, Uris, bytes_of_subscription};
use crate::auth::RequiredScopes;
use crate::budget::Permit;
use crate::limits::StreamLimits;
use crate::protocol::error::Error;
use crate::protocol::message::{Request, RequestId};
use crate::protocol::params::read_object;
use crate::protocol::response::{ResultBody, ResultKind, push, success};
use crate::protocol::version::ProtocolVersion;
use crate::server::call::subscriber::Subscriber;
use crate::server::catalog::Catalog;
use crate::server::exchange::Outbox;

/// A `subscriptions/listen` request being served.
pub(crate) struct Listening {
    subscription: Subscription,
    /// The permit for the URIs.
    _permit: Permit,
    /// The id of the request, as the client wrote it.
    id: Box<RawValue>,
    /// The changes that are announced in the first message, until it is sent.
    acknowledged: Option<Notifications>,
    hearing: Hearing,
}

impl Listening {
    /// Subscribes to those of the requested changes that the server offers and the client has the scopes for.
    ///
    /// `satisfies` checks the scopes of the client. Its guards are asked by [`decide`](Self::decide).
    pub(crate) fn begin(
        request: &Request<'_>,
        requested: RequestedChanges,
        catalog: &Catalog,
        listeners: &Arc<Listeners>,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Self, Error> {
        let RequestedChanges { notifications: mut wanted, permit } = requested;
        let offers = catalog.offers();
        wanted.tools_list_changed &= offers.tools;
        wanted.prompts_list_changed &= offers.prompts;
        wanted.resources_list_changed &= offers.resources;
        let mut uris = Vec::new();
        if let Some(wanted) = &mut wanted.resource_subscriptions {
            wanted.retain(|uri| {
                let readable = NormalUri::parse(uri)
                    .ok()
                    .filter(|uri| catalog.resource(uri).is_some_and(|found| satisfies(&found.needed)));
                uris.extend(readable.as_ref().map(NormalUri::to_string));
                readable.is_some()
            });
        }
        let id = RawValue::from_string(request.id.as_json().to_owned())
            .map_err(|_| Error::invalid_request("Invalid request: `id` is not JSON"))?;
        let filter = Filter {
            tools: wanted.tools_list_changed,
            prompts: wanted.prompts_list_changed,
            resources: wanted.resources_list_changed,
            uris: uris.into(),
        };
        let subscription = listeners.subscribe(filter);
        Ok(Self {
            subscription,
            _permit: permit,
            id,
            acknowledged: Some(wanted),
            hearing: Hearing::new(Box::new(|_| MayHear::Now(false))),
        })
    }

    /// Asks the guards of the resources, and unsubscribes from those that the client may not read.
    ///
    /// # Errors
    /// A guard cannot decide, or a resource is beyond its rate.
    pub(crate) async fn decide(&mut self, catalog: &Catalog, subscriber: &Subscriber) -> Result<(), Error> {
        let Some(uris) = self.acknowledged.as_mut().and_then(|wanted| wanted.resource_subscriptions.as_mut()) else {
            return Ok(());
        };
        let mut denied = Vec::new();
        for uri in uris.iter() {
            let Ok(normal) = NormalUri::parse(uri) else { continue };
            let Some(found) = catalog.resource(&normal) else { continue };
            match catalog.may_listen(found, subscriber).await {
                Ok(()) => {}
                Err(error) if !error.is_denial() => return Err(error),
                Err(_) => {
                    self.subscription.remove(normal.as_str());
                    denied.push(uri.to_owned());
                }
            }
        }
        uris.retain(|uri| !denied.contains(uri));
        Ok(())
    }

    /// Checks before each change of a resource that the client may still read it.
    ///
    /// A part that is added later may protect the resource, and guards may decide otherwise.
    pub(crate) fn checked_by(self, may_hear: MayHearOf) -> Self {
        Self { hearing: Hearing::new(may_hear), ..self }
    }

    /// Polls for the next message, or `None` when the server closes.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        if let Some(notifications) = self.acknowledged.take() {
            return Poll::Ready(Some(acknowledgement(&self.id, &notifications)));
        }
        let change = ready!(self.hearing.poll_next(cx, |cx| self.subscription.poll_next(cx)));
        Poll::Ready(change.map(|change| change.notification(Some(&self.id))))
    }

    /// Sends changes until the server closes, then returns the result.
    pub(crate) async fn run(mut self, outbox: &Outbox) -> Vec<u8> {
        while let Some(message) = poll_fn(|cx| self.poll_next(cx)).await {
            outbox.send(message);
            // Yielding lets the client read this first. Equal changes until then are merged.
            tokio::task::yield_now().await;
        }
        self.result()
    }

    /// Returns the whole response, by which the client recognizes a regular end.
    pub(crate) fn answer(&self) -> Vec<u8> {
        success(RequestId::of(&self.id), self.result())
    }

    fn result(&self) -> Vec<u8> {
        let mut meta = Vec::new();
        push(&mut meta, &SubscriptionMeta { id: &self.id });
        ResultBody::new().finish(ProtocolVersion::V2026_07_28, ResultKind::Complete, &meta)
    }
}

/// The requested changes, and in the acknowledgement the ones that will be sent.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Notifications {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tools_list_changed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prompts_list_changed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    resources_list_changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_subscriptions: Option<Uris>,
}

/// The changes that a client asks for, within the limits.
pub(crate) struct RequestedChanges {
    notifications: Notifications,
    permit: Permit,
}

impl RequestedChanges {
    /// Reads the changes in the params of a request. The URIs of resources take from `permit`.
    pub(crate) fn parse(request: &Request<'_>, limits: &StreamLimits, mut permit: Permit) -> Result<Self, Error> {
        let raw = request.params.notifications;
        let raw = raw.ok_or_else(|| Error::invalid_params("Invalid params: `notifications` is missing"))?;
        let notifications: Notifications = read_object("notifications", raw)?;
        if let Some(uris) = &notifications.resource_subscriptions {
            let wrong =
                |message| Err(Error::invalid_params(format!("Invalid params: `resourceSubscriptions` has {message}")));
            let StreamLimits { uri_bytes, subscriptions, subscription_bytes, .. } = *limits;
            let count = uris.len();
            if count > subscriptions {
                return wrong(format!("{count} resources; this server takes {subscriptions} at once"));
            }
            if uris.iter().any(|uri| uri.len() > uri_bytes) {
                return wrong(format!("a URI of more than {uri_bytes} bytes, which is all that this server takes"));
            }
            if uris.bytes() > subscription_bytes {
                return wrong(format!(
                    "URIs of more than {subscription_bytes} bytes together, which is all that this server takes"
                ));
            }
            // The acknowledgement, which has the URIs as the client wrote them, comes before the first change.
            let grown = permit.grow(uris.iter().map(bytes_of_subscription).sum());
            grown.map_err(|reason| Error::overloaded(permit.pool().refuse(reason)))?;
        }
        Ok(Self { notifications, permit })
    }
}

/// Writes the first message of the subscription.
fn acknowledgement(id: &RawValue, notifications: &Notifications) -> Vec<u8> {
    #[derive(Serialize)]
    struct Message<'a> {
        jsonrpc: &'static str,
        method: &'static str,
        params: Params<'a>,
    }
    #[derive(Serialize)]
    struct Params<'a> {
        #[serde(rename = "_meta")]
        meta: SubscriptionMeta<'a>,
        notifications: &'a Notifications,
    }
    let params = Params { meta: SubscriptionMeta { id }, notifications };
    let mut out = Vec::new();
    push(&mut out, &Message { jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params });
    out
}
