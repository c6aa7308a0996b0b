//! The requests that count against a rate.

use std::time::SystemTime;

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

    /// Counts a request for an item. A round that answers the questions of a counted request is free at first.
    pub(super) fn count(
        &self,
        target: fn(&'static str) -> RateTarget,
        item: &Item,
        request: &RequestContext,
    ) -> Result<(), Error> {
        let Some(rate) = self.rate_of(item) else { return Ok(()) };
        if request.context.rounds().is_some_and(|rounds| rounds.begin_free(SystemTime::now())) {
            return Ok(());
        }
        request.context.shared().limiter().count(rate, target(item.key), request.token())
    }

    /// Counts a free round in which the method took no valid answer.
    ///
    /// Beyond the rate, the error of that replaces the error of the method and its questions.
    pub(super) fn count_round<T>(
        &self,
        target: fn(&'static str) -> RateTarget,
        item: &Item,
        request: &RequestContext,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(rounds) = request.context.rounds().filter(|rounds| rounds.end_free()) else { return result };
        let Some(rate) = self.rate_of(item) else { return result };
        let counted = request.context.shared().limiter().charge(rate, target(item.key), request.token());
        match counted {
            Err(error) if result.is_err() => {
                rounds.withdraw();
                Err(error)
            }
            _ => result,
        }
    }
}
