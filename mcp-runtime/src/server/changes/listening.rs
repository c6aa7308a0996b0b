//! `subscriptions/listen`: a request that is answered when there is nothing more to hear (MCP 2026-07-28,
//! "Subscriptions").

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mcp_core::NormalUri;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::subscriptions::{Change, Filter, Listeners, Subscription, SubscriptionMeta, Uris};
use crate::auth::RequiredScopes;
use crate::protocol::error::Error;
use crate::protocol::message::{Request, RequestId};
use crate::protocol::params::read_object;
use crate::protocol::response::{ResultBody, ResultKind, push, success};
use crate::protocol::version::ProtocolVersion;
use crate::server::catalog::Catalog;
use crate::server::exchange::Outbox;

/// A client that listens.
pub(crate) struct Listening {
    subscription: Subscription,
    /// The id of the request, as the client wrote it.
    id: Box<RawValue>,
    /// What is said first.
    acknowledgement: Option<Vec<u8>>,
    may_hear: MayHear,
}

/// Returns `true` for the URI of a resource that the client may read now.
pub(crate) type MayHear = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl Listening {
    /// Begins to listen to what the client asks for, as far as there is such a thing and `satisfies` says that the client may
    /// see it.
    pub(crate) fn begin(
        request: &Request<'_>,
        catalog: &Catalog,
        listeners: &Arc<Listeners>,
        max_resources: usize,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Self, Error> {
        let mut wanted = Notifications::parse(request.params.notifications)?;
        let count = wanted.resource_subscriptions.as_ref().map_or(0, Uris::len);
        if count > max_resources {
            return Err(Error::invalid_params(format!(
                "Invalid params: `resourceSubscriptions` has {count} resources; this server takes {max_resources} at once"
            )));
        }
        let offers = catalog.offers();
        wanted.tools_list_changed &= offers.tools;
        wanted.prompts_list_changed &= offers.prompts;
        wanted.resources_list_changed &= offers.resources;
        // The client is told of its URIs as it wrote them, and of changes in normal form.
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
        let acknowledgement = acknowledgement(&id, &wanted);
        let filter = Filter {
            tools: wanted.tools_list_changed,
            prompts: wanted.prompts_list_changed,
            resources: wanted.resources_list_changed,
            uris: uris.into(),
        };
        let subscription = listeners.subscribe(filter);
        Ok(Self { subscription, id, acknowledgement: Some(acknowledgement), may_hear: Box::new(|_| true) })
    }

    /// Asks before each change of a resource whether the client may still hear of it, because a part that is added later may
    /// protect it.
    pub(crate) fn checked_by(self, may_hear: MayHear) -> Self {
        Self { may_hear, ..self }
    }

    /// The next message for the client; `None` when the server closes.
    pub(crate) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        match self.acknowledgement.take() {
            None => loop {
                match ready!(self.subscription.poll_next(cx)) {
                    Some(Change::Resource(uri)) if !(self.may_hear)(&uri) => {}
                    change => return Poll::Ready(change.map(|change| change.notification(Some(&self.id)))),
                }
            },
            first => Poll::Ready(first),
        }
    }

    /// Sends the changes until the server closes, and then returns the result.
    pub(crate) async fn run(mut self, outbox: &Outbox) -> Vec<u8> {
        while let Some(message) = poll_fn(|cx| self.poll_next(cx)).await {
            outbox.send(message);
            // The rest waits until this is read. What changes again meanwhile is told once.
            tokio::task::yield_now().await;
        }
        self.result()
    }

    /// Returns the whole response, which tells the client that the end is none by accident.
    pub(crate) fn answer(&self) -> Vec<u8> {
        success(RequestId::of(&self.id), &self.result())
    }

    fn result(&self) -> Vec<u8> {
        let mut meta = Vec::new();
        push(&mut meta, &SubscriptionMeta { id: &self.id });
        ResultBody::new().finish(ProtocolVersion::V2026_07_28, ResultKind::Complete, &meta)
    }
}

/// What a client asks to hear of, and what it is told that it will.
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

impl Notifications {
    fn parse(raw: Option<&RawValue>) -> Result<Self, Error> {
        let raw = raw.ok_or_else(|| Error::invalid_params("Invalid params: `notifications` is missing"))?;
        read_object("notifications", raw)
    }
}

fn acknowledgement(id: &RawValue, honoured: &Notifications) -> Vec<u8> {
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
    let params = Params { meta: SubscriptionMeta { id }, notifications: honoured };
    let mut out = Vec::new();
    push(&mut out, &Message { jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params });
    out
}
