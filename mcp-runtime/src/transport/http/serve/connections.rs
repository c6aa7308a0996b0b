//! The connections of a server, and their limit.

use std::collections::HashMap;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout};

use super::activity::{Activity, Closing, Stall, State};
use super::connection::{ConnectionSettings, run};
use super::service::SiteService;
use super::site::Site;
use crate::auth::gate::Gate;
use crate::budget::{AccountKey, Exhausted, Permit, Pool};

/// The time that a client in the queue waits for a connection to end by itself.
const PATIENCE: Duration = Duration::from_millis(250);

/// The time after which a connection whose client reads too slowly makes room for another one.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// An open connection.
struct Open {
    activity: Arc<Activity>,
    /// The permit of the address, if that has an account.
    place: Option<Permit>,
}

/// The order in which connections make room for others, first those whose clients do least.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Half of a head: a client that is in order sends a head at once.
    Head(Instant),
    /// A client that reads too slowly, by the bytes that it has read.
    Slow(usize),
    /// The last resort, because a request may be on its way.
    Idle(Instant),
}

/// The open connections of a site.
pub(super) struct Connections<G> {
    site: Arc<Site<G>>,
    settings: ConnectionSettings,
    /// Dropping it ends them.
    tasks: JoinSet<()>,
    open: HashMap<Id, Open>,
    limit: usize,
    /// The shares of addresses, if these have accounts.
    places: Arc<Pool>,
    is_leaving: bool,
    /// Set while each response asks its client to close the connection.
    asks_to_close: Arc<AtomicBool>,
}

impl<G: Gate> Connections<G> {
    pub(super) fn new(site: Arc<Site<G>>, settings: ConnectionSettings, limit: usize) -> Self {
        let limit = limit.max(1);
        let places = Arc::clone(&site.budget().connections);
        places.set_limit(limit);
        Self {
            site,
            settings,
            tasks: JoinSet::new(),
            open: HashMap::new(),
            limit,
            places,
            is_leaving: false,
            asks_to_close: Arc::default(),
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Serves a connection from `peer`, unless that has its share of them.
    pub(super) fn serve(&mut self, stream: TcpStream, peer: SocketAddr) {
        let place = match self.site.account_of_peer(peer).map(|account| self.places.take(Some(account), 1)) {
            Some(Ok(place)) => Some(place),
            Some(Err(reason @ Exhausted::Share)) => {
                self.places.refuse(reason);
                self.shorten(self.site.account_of_peer(peer));
                return;
            }
            // What was accepted is served, and counted where there is room.
            Some(Err(Exhausted::Limit)) | None => None,
        };
        // Responses are written in one piece; waiting for more would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
        let activity = Arc::<Activity>::default();
        let (site, asks_to_close) = (Arc::clone(&self.site), Arc::clone(&self.asks_to_close));
        let service = SiteService { site, peer, asks_to_close };
        let id = self.tasks.spawn(run(stream, service, Arc::clone(&activity), self.settings)).id();
        self.open.insert(id, Open { activity, place });
        self.update();
    }

    /// Returns `true` if no further connection may be added.
    pub(super) fn is_full(&self) -> bool {
        self.tasks.len() >= self.limit
    }

    /// Forgets the connections that have ended.
    pub(super) fn reap(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(ended);
        }
    }

    /// Waits for room if it is needed, and for a connection that ends if that changes what responses ask for.
    pub(super) async fn wait(&mut self, needs_room: bool) {
        if needs_room {
            self.make_room().await;
        } else if self.is_full() {
            self.end().await;
        } else {
            pending().await
        }
    }

    /// Waits until a connection ends, for ever if there is none.
    async fn end(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.forget(ended),
            None => pending().await,
        }
    }

    /// Waits until every connection has ended.
    pub(super) async fn end_of_all(&mut self) {
        while !self.tasks.is_empty() {
            self.end().await;
        }
    }

    /// Waits until a connection ends. After a while, some are closed, of whichever address has most.
    async fn make_room(&mut self) {
        if timeout(PATIENCE, self.end()).await.is_ok() {
            return;
        }
        let largest = self.places.largest();
        if self.shorten(largest) == 0 && largest.is_some() {
            self.shorten(None);
        }
    }

    /// Closes some connections of an account, or of all callers, in their order. Returns the number of those that end.
    fn shorten(&self, account: Option<AccountKey>) -> usize {
        let mut waiting = Vec::new();
        for Open { activity, place } in self.open.values() {
            if account.is_some() && place.as_ref().and_then(Permit::account) != account {
                continue;
            }
            let Some((rank, closing)) = rank(&activity.state()) else { continue };
            if closing > Closing::Never {
                // It is about to end.
                return 1;
            }
            waiting.push((rank, activity));
        }
        waiting.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        waiting.truncate((self.limit / 8).max(1));
        for (rank, activity) in &waiting {
            activity.close(if matches!(rank, Rank::Slow(_)) { Closing::Now } else { Closing::AfterRequest });
        }
        waiting.len()
    }

    /// Lets clients and load balancers learn that the server stops.
    pub(super) fn leave(&mut self) {
        self.site.leave();
        self.is_leaving = true;
        self.update();
    }

    /// Ends each connection after the request that it serves.
    pub(super) fn close(&self) {
        self.open.values().for_each(|open| open.activity.close(Closing::AfterRequest));
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.open.remove(&id);
        self.update();
    }

    fn update(&self) {
        self.asks_to_close.store(self.is_leaving || self.is_full(), Ordering::Relaxed);
    }
}

/// Returns the rank of a connection that waits for its client, and whether it has to end.
fn rank(state: &State) -> Option<(Rank, Closing)> {
    let rank = match (state.stall, state.waiting_since) {
        (Some(Stall { since: Some(since), waited, written }), _) => {
            let is_slow = waited + since.elapsed() >= SLOW_AFTER;
            is_slow.then_some(Rank::Slow(written))?
        }
        (_, Some(since)) if state.has_begun => Rank::Head(since),
        (_, Some(since)) => Rank::Idle(since),
        (_, None) => return None,
    };
    // Until it has written its response, a slow one does not end by itself.
    let is_ending = |closing| !matches!(rank, Rank::Slow(_)) || closing == Closing::Now;
    let closing = Some(state.closing).filter(|closing| is_ending(*closing)).unwrap_or_default();
    Some((rank, closing))
}
