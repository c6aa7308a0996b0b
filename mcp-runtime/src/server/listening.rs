//! `subscriptions/listen`: a request that is answered when there is nothing more to hear (MCP 2026-07-28,
//! "Subscriptions").

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::catalog::Catalog;
use super::exchange::Outbox;
use super::subscriptions::{Filter, Listeners, Subscription, SubscriptionMeta, Uris};
use crate::auth::Needed;
use crate::protocol::error::Error;
use crate::protocol::message::{Request, is_object, without_position};
use crate::protocol::response::push;

/// A client that listens.
pub(crate) struct Listening {
    subscription: Subscription,
    /// The id of the request, as the client wrote it.
    id: Box<RawValue>,
    /// What is said first.
    acknowledgement: Option<Vec<u8>>,
}

impl Listening {
    /// Begins to listen to what the client asks for, as far as there is such a thing and `covers` says that the client may
    /// see it.
    pub(crate) fn begin(
        request: &Request<'_>,
        catalog: &Catalog,
        listeners: &Arc<Listeners>,
        max_resources: usize,
        covers: impl Fn(&Needed) -> bool,
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
        if let Some(uris) = &mut wanted.resource_subscriptions {
            uris.retain(|uri| catalog.resource(uri).is_some_and(|(resource, _)| covers(&resource.item.needed)));
        }
        let id = RawValue::from_string(request.id.as_json().to_owned())
            .map_err(|_| Error::invalid_request("Invalid request: `id` is not JSON"))?;
        let acknowledgement = acknowledgement(&id, &wanted);
        let filter = Filter {
            tools: wanted.tools_list_changed,
            prompts: wanted.prompts_list_changed,
            resources: wanted.resources_list_changed,
            uris: wanted.resource_subscriptions.unwrap_or_default(),
        };
        Ok(Self { subscription: listeners.subscribe(filter), id, acknowledgement: Some(acknowledgement) })
    }

    /// The next message for the client; `None` when the server closes.
    pub(crate) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        match self.acknowledgement.take() {
            None => self.subscription.poll_next(cx).map(|change| Some(change?.notification(Some(&self.id)))),
            first => Poll::Ready(first),
        }
    }

    /// Says what it hears until the server closes, and then gives the answer.
    pub(crate) async fn run(mut self, outbox: &Outbox) -> Vec<u8> {
        while let Some(message) = poll_fn(|cx| self.poll_next(cx)).await {
            outbox.send(message);
            // The rest waits until this is read. What changes again meanwhile is told once.
            tokio::task::yield_now().await;
        }
        self.answer()
    }

    /// The whole answer, which says that the end is none by accident.
    pub(crate) fn answer(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Answer<'a> {
            jsonrpc: &'static str,
            id: &'a RawValue,
            result: Ended<'a>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Ended<'a> {
            result_type: &'static str,
            #[serde(rename = "_meta")]
            meta: SubscriptionMeta<'a>,
        }
        let result = Ended { result_type: "complete", meta: SubscriptionMeta { id: &self.id } };
        let mut out = Vec::new();
        push(&mut out, &Answer { jsonrpc: "2.0", id: &self.id, result });
        out
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
        if !is_object(raw) {
            return Err(Error::invalid_params("Invalid params: `notifications` must be an object"));
        }
        serde_json::from_str(raw.get()).map_err(|error| {
            Error::invalid_params(format!("Invalid params: `notifications`: {}", without_position(&error)))
        })
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
