//! The requests that count against a rate.

use std::time::SystemTime;

use crate::auth::AccessToken;
use crate::protocol::error::Error;
use crate::server::asking::rounds::Rounds;
use crate::server::catalog::Catalog;
use crate::server::catalog::item::Item;
use crate::server::context::request::RequestContext;
use crate::server::rates::limiter::RateTarget;
use crate::server::shared::Shared;

impl Catalog {
    /// Counts a request of an account against the rate of the server.
    pub(crate) async fn count_request(&self, shared: &Shared, token: Option<&AccessToken>) -> Result<(), Error> {
        match self.rate() {
            Some(rate) => shared.limiter().count(rate, RateTarget::Server, token).await,
            None => Ok(()),
        }
    }

    /// Counts a request for an item. A round that answers the questions of a counted request is free at first.
    pub(super) async fn count(
        &self,
        target: fn(&'static str) -> RateTarget,
        item: &Item,
        request: &RequestContext,
    ) -> Result<(), Error> {
        let Some(rate) = self.rate_of(item) else { return Ok(()) };
        if request.context.rounds().is_some_and(|rounds| rounds.begin_free(SystemTime::now())) {
            return Ok(());
        }
        request.context.shared().limiter().count(rate, target(item.key), request.token()).await
    }

    /// Returns the round that the method of a request is about to run, if the client has answered questions.
    pub(super) fn round<'a>(
        &'a self,
        target: fn(&'static str) -> RateTarget,
        item: &'a Item,
        request: &'a RequestContext,
    ) -> Option<RoundGuard<'a>> {
        let rounds = request.context.rounds()?;
        Some(RoundGuard { catalog: self, target: target(item.key), item, request, rounds })
    }
}

/// The round of a request while its method runs.
///
/// Its end counts a free round in which the method took no valid answer. So does dropping it, because the client left.
pub(super) struct RoundGuard<'a> {
    catalog: &'a Catalog,
    target: RateTarget,
    item: &'a Item,
    request: &'a RequestContext,
    rounds: &'a Rounds,
}

impl RoundGuard<'_> {
    /// Ends the round with the result of its method.
    ///
    /// The error of a rate replaces the error of the method and its questions.
    pub(super) fn end<T>(this: Option<Self>, result: Result<T, Error>) -> Result<T, Error> {
        let Some(round) = this else { return result };
        match round.count() {
            Err(error) if result.is_err() => {
                round.rounds.withdraw();
                Err(error)
            }
            _ => result,
        }
    }

    /// Counts the round, unless it is one that stays free or was counted before.
    fn count(&self) -> Result<(), Error> {
        match self.catalog.rate_of(self.item) {
            Some(rate) if self.rounds.end_free() => {
                self.request.context.shared().limiter().charge(rate, self.target, self.request.token())
            }
            _ => Ok(()),
        }
    }
}

impl Drop for RoundGuard<'_> {
    fn drop(&mut self) {
        // The account owes it, whatever the rate.
        let _ = self.count();
    }
}
