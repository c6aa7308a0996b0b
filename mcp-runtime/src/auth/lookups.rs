//! DNS lookups, of which only a few are under way at once.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::Semaphore;
use tower_service::Service;

/// Limits the lookups of one client that are under way at once.
///
/// Each takes a thread until the system gives up, whatever the timeout of its request is. Without a limit, a DNS server
/// that hangs would take all threads for blocking work.
const MAX_LOOKUPS: usize = 4;

/// A resolver of host names, by the system.
#[derive(Clone)]
pub(super) struct Lookups {
    permits: Arc<Semaphore>,
    resolve: fn(&str) -> io::Result<IntoIter<SocketAddr>>,
}

impl Lookups {
    pub(super) fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_LOOKUPS)), resolve: |host| (host, 0).to_socket_addrs() }
    }
}

impl Service<Name> for Lookups {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<IntoIter<SocketAddr>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, host: Name) -> Self::Future {
        let Self { permits, resolve } = self.clone();
        Box::pin(async move {
            let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
            let lookup = tokio::task::spawn_blocking(move || {
                // It belongs to the thread, which goes on when the request has given up.
                let _permit = permit;
                resolve(host.as_str())
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};

    use tokio::time::{Duration, timeout};

    use super::*;

    static STARTED: AtomicUsize = AtomicUsize::new(0);
    static RELEASED: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

    fn hang(_: &str) -> io::Result<IntoIter<SocketAddr>> {
        STARTED.fetch_add(1, Ordering::SeqCst);
        let released = RELEASED.1.wait_while(RELEASED.0.lock().unwrap(), |released| !*released);
        drop(released);
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))].into_iter())
    }

    #[tokio::test(start_paused = true)]
    async fn lookups_that_hang_take_few_threads_though_their_requests_give_up() {
        let mut lookups = Lookups { resolve: hang, ..Lookups::new() };
        let name = || "auth.example.com".parse::<Name>().unwrap();
        for _ in 0..10 {
            let requests: Vec<_> =
                (0..10).map(|_| tokio::spawn(timeout(Duration::ZERO, lookups.call(name())))).collect();
            for request in requests {
                assert!(request.await.unwrap().is_err());
            }
        }
        while STARTED.load(Ordering::SeqCst) < MAX_LOOKUPS {
            tokio::task::yield_now().await;
        }
        assert!(timeout(Duration::ZERO, lookups.call(name())).await.is_err());
        assert_eq!(STARTED.load(Ordering::SeqCst), MAX_LOOKUPS);
        *RELEASED.0.lock().unwrap() = true;
        RELEASED.1.notify_all();
        assert_eq!(lookups.call(name()).await.unwrap().count(), 1, "the turns came back");
    }
}
