//! The requests that count against a rate.

use crate::auth::AccessToken;
use crate::protocol::error::Error;
use crate::server::catalog::Catalog;
use crate::server::catalog::prepared::Item;
use crate::server::context::request::RequestContext;
use crate::server::rates::limiter::RateTarget;
use crate::server::shared::Shared;

impl Catalog {
    /// Counts a request of an account against the rate of the server.
    pub(crate) fn count_request(&self, shared: &Shared, token: Option<&AccessToken>) -> Result<(), Error> {
        match self.rate() {
            Some(rate) => shared.limiter().count(rate, RateTarget::Server, token),
            None => Ok(()),
        }
    }

    /// Counts a request for an item. A round of a request that was counted before does not count.
    pub(super) fn count(
        &self,
        target: fn(&'static str) -> RateTarget,
        item: &Item,
        request: &RequestContext,
    ) -> Result<(), Error> {
        let Some(rate) = self.rate_of(item) else { return Ok(()) };
        if request.context.continues() {
            return Ok(());
        }
        request.context.shared().limiter().count(rate, target(item.key), request.token())
    }
}
