//! The connections of a server, and their limit.

use std::collections::HashMap;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;

use super::activity::Activity;
use super::connection::{ConnectionSettings, run};
use super::service::SiteService;
use super::site::Site;
use crate::auth::gate::Gate;

/// The time that a client in the queue waits for a connection to end by itself.
const PATIENCE: Duration = Duration::from_millis(250);

/// The open connections of a site.
pub(super) struct Connections<G> {
    site: Arc<Site<G>>,
    settings: ConnectionSettings,
    /// Dropping it ends them.
    tasks: JoinSet<()>,
    activities: HashMap<Id, Arc<Activity>>,
    limit: usize,
    is_leaving: bool,
    /// Set while each response asks its client to close the connection.
    asks_to_close: Arc<AtomicBool>,
}

impl<G: Gate> Connections<G> {
    pub(super) fn new(site: Arc<Site<G>>, settings: ConnectionSettings, limit: usize) -> Self {
        Self {
            site,
            settings,
            tasks: JoinSet::new(),
            activities: HashMap::new(),
            limit: limit.max(1),
            is_leaving: false,
            asks_to_close: Arc::default(),
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Serves a connection from `peer`.
    pub(super) fn serve(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Responses are written in one piece; waiting for more would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
        let activity = Arc::<Activity>::default();
        let (site, asks_to_close) = (Arc::clone(&self.site), Arc::clone(&self.asks_to_close));
        let service = SiteService { site, peer, asks_to_close };
        let id = self.tasks.spawn(run(stream, service, Arc::clone(&activity), self.settings)).id();
        self.activities.insert(id, activity);
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

    /// Waits until a connection ends. After a while, those are closed that have waited for a request for longest.
    ///
    /// A request may be on its way on an idle connection, so that idle ones are the last resort.
    async fn make_room(&mut self) {
        if timeout(PATIENCE, self.end()).await.is_ok() {
            return;
        }
        let mut waiting = Vec::new();
        for activity in self.activities.values() {
            let state = activity.state();
            let Some(since) = state.waiting_since.filter(|_| !state.is_stalled) else { continue };
            if state.must_close {
                // It is about to end.
                return;
            }
            // Half of a head before an idle connection, because a client that is in order sends a head at once.
            waiting.push((!state.has_begun, since, activity));
        }
        waiting.sort_unstable_by_key(|(is_idle, since, _)| (*is_idle, *since));
        for (.., activity) in waiting.iter().take((self.limit / 8).max(1)) {
            activity.close();
        }
    }

    /// Lets clients and load balancers learn that the server stops.
    pub(super) fn leave(&mut self) {
        self.site.leave();
        self.is_leaving = true;
        self.update();
    }

    /// Ends each connection after the request that it serves.
    pub(super) fn close(&self) {
        self.activities.values().for_each(|activity| activity.close());
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.activities.remove(&id);
        self.update();
    }

    fn update(&self) {
        self.asks_to_close.store(self.is_leaving || self.is_full(), Ordering::Relaxed);
    }
}
