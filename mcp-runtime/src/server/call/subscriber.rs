//! Subscribers to changes of resources, about whom the guards of a resource decide as about its readers.

use std::pin::pin;
use std::sync::Arc;

use mcp_core::NormalUri;

use super::arguments::Arguments;
use super::failure::CalledItem;
use super::guard::Guarded;
use super::request::Request;
use crate::auth::{AccessToken, with_token};
#[cfg(feature = "http")]
use crate::budget::AccountKey;
use crate::panics::catch;
use crate::protocol::error::Error;
use crate::server::catalog::{Catalog, ResourceMatch};
use crate::server::changes::ServerHandle;
use crate::server::context::extracted::Extracted;
#[cfg(feature = "http")]
use crate::server::context::head::account_of;
use crate::server::context::request::Caller;
use crate::server::rates::limiter::RateTarget;

/// A client that is told about changes, as its transport knows it.
pub(crate) struct Subscriber {
    token: Option<AccessToken>,
    #[cfg(feature = "http")]
    parts: Option<Arc<http::request::Parts>>,
    server: Arc<dyn ServerHandle>,
}

impl Subscriber {
    pub(crate) fn new(caller: Caller, server: Arc<dyn ServerHandle>) -> Self {
        Self {
            token: caller.token,
            #[cfg(feature = "http")]
            parts: caller.parts,
            server,
        }
    }

    /// Returns the token of the client.
    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Returns the account of the client.
    #[cfg(feature = "http")]
    pub(crate) fn account(&self) -> Option<AccountKey> {
        account_of(self.server.shared(), self.token.as_ref(), self.parts.as_deref())
    }

    /// Returns the head of the request that subscribed.
    #[cfg(feature = "http")]
    pub(crate) fn parts_mut(&mut self) -> Option<&mut Arc<http::request::Parts>> {
        self.parts.as_mut()
    }

    /// Returns the request about which guards decide, once its resource is known.
    pub(in crate::server) fn request<'r>(&'r self, extracted: &'r Extracted) -> Request<'r> {
        Request {
            token: self.token.as_ref(),
            #[cfg(feature = "http")]
            parts: self.parts.as_deref(),
            item: None,
            shared: self.server.shared(),
            extracted,
            context: None,
        }
    }
}

/// Asks guards without a call. A panic is a verdict that is not yes.
pub(super) async fn ask(
    guard: &dyn Guarded,
    arguments: Arguments<'_>,
    request: Request<'_>,
    called: CalledItem<'_>,
) -> Result<(), Error> {
    let verdict = guard.ask(arguments, request);
    let verdict = catch(pin!(with_token(request.token.cloned(), verdict))).await;
    verdict.unwrap_or_else(|_| Err(called.panicked())).map_err(|error| called.report(error, request))
}

impl Catalog {
    /// Asks the guards of a resource.
    pub(in crate::server) async fn ask_guards(
        &self,
        found: ResourceMatch<'_>,
        request: Request<'_>,
    ) -> Result<(), Error> {
        let ResourceMatch { resource, values, needed } = found;
        let Some(guard) = &resource.guard else { return Ok(()) };
        let item = resource.item.id();
        let request = Request { item: Some(&item), ..request };
        let called = CalledItem { kind: "resource", name: resource.item.key, needed: &needed };
        let texts = values.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        ask(&**guard, Arguments::of_texts(texts), request, called).await
    }

    /// Asks the guards of one of the resources that a client listens to.
    ///
    /// # Errors
    /// Those of [`may_subscribe`](Self::may_subscribe). A resource that guards hide has no rate, which would show it.
    pub(in crate::server) async fn may_listen(
        &self,
        found: ResourceMatch<'_>,
        subscriber: &Subscriber,
    ) -> Result<(), Error> {
        // A part of the request can depend on the resource.
        let extracted = Extracted::default();
        let request = subscriber.request(&extracted);
        if found.resource.item.is_hidden_by_guards() {
            let extracted = Extracted::default();
            if self.is_hidden(&found.resource.item, Request { extracted: &extracted, ..request }).await? {
                return Err(Error::not_found().hide());
            }
        }
        self.may_subscribe(found, request).await
    }

    /// Asks the guards of a resource for a client that subscribes, which counts like a read.
    ///
    /// # Errors
    /// The verdict of a guard, and the error of the rate.
    pub(in crate::server) async fn may_subscribe(
        &self,
        found: ResourceMatch<'_>,
        request: Request<'_>,
    ) -> Result<(), Error> {
        if found.resource.guard.is_none() {
            return Ok(());
        }
        let item = &found.resource.item;
        if let Some(rate) = self.rate_of(item) {
            request.shared.limiter().count(rate, RateTarget::Resource(item.key), request.token).await?;
        }
        self.ask_guards(found, request).await
    }

    /// Returns `true` if a subscriber may be told that a resource changed, by a new decision of its guards.
    ///
    /// A subscriber is not told of what nobody could decide.
    pub(crate) async fn may_hear(self: Arc<Self>, uri: Arc<str>, subscriber: Arc<Subscriber>) -> bool {
        let uri = NormalUri::parse(&uri).ok();
        let Some(found) = uri.as_ref().and_then(|uri| self.resource(uri)) else { return false };
        let extracted = Extracted::default();
        self.ask_guards(found, subscriber.request(&extracted)).await.is_ok()
    }
}
