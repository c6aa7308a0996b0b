//! Work that simultaneous callers share.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use crate::lock::locked;

/// Work that is done once for all simultaneous callers.
///
/// It runs in a task of its own, so that a caller that is dropped does not cancel it for the others. A caller that comes
/// after its end starts it again: outcomes are not cached.
pub(super) struct SingleFlight<K, V> {
    flights: Flights<K, V>,
}

/// The running work by its key, each with the receiver of its outcome.
type Flights<K, V> = Arc<Mutex<HashMap<K, watch::Receiver<Option<V>>>>>;

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new() -> Self {
        Self { flights: Arc::default() }
    }

    /// Starts the work for `key`, unless it runs already, and waits for nothing.
    pub(super) fn start(&self, key: K, work: impl Future<Output = V> + Send + 'static) {
        if let Role::Leader(flight, _) = self.join(key) {
            tokio::spawn(async move { flight.finish(work.await) });
        }
    }

    /// Returns the outcome of the running work for `key`, or else of `work`.
    ///
    /// It is `None` when the work panicked, or when the runtime is shutting down.
    pub(super) async fn run(&self, key: K, work: impl Future<Output = V> + Send + 'static) -> Option<V> {
        let mut outcome = match self.join(key) {
            Role::Follower(outcome) => {
                drop(work);
                outcome
            }
            Role::Leader(flight, outcome) => {
                tokio::spawn(async move { flight.finish(work.await) });
                outcome
            }
        };
        outcome.wait_for(Option::is_some).await.ok()?.clone()
    }

    fn join(&self, key: K) -> Role<K, V> {
        let mut flights = lock(&self.flights);
        if let Some(outcome) = flights.get(&key) {
            return Role::Follower(outcome.clone());
        }
        let (sender, outcome) = watch::channel(None);
        flights.insert(key.clone(), outcome.clone());
        Role::Leader(Flight { key, value: None, outcome: sender, flights: self.flights.clone() }, outcome)
    }
}

/// The role of a caller: the first one leads.
enum Role<K: Eq + Hash, V> {
    Follower(watch::Receiver<Option<V>>),
    Leader(Flight<K, V>, watch::Receiver<Option<V>>),
}

/// Running work, which ends when this is dropped, also by a panic.
struct Flight<K: Eq + Hash, V> {
    key: K,
    value: Option<V>,
    outcome: watch::Sender<Option<V>>,
    flights: Flights<K, V>,
}

impl<K: Eq + Hash, V> Flight<K, V> {
    fn finish(mut self, value: V) {
        self.value = Some(value);
    }
}

impl<K: Eq + Hash, V> Drop for Flight<K, V> {
    fn drop(&mut self) {
        // First, so that a caller that receives the outcome can start the next work.
        lock(&self.flights).remove(&self.key);
        self.outcome.send_replace(self.value.take());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No change of the map can panic half-way.
    locked(mutex)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tokio::sync::oneshot;

    use super::*;

    fn is_waiting<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
        matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
    }

    #[tokio::test]
    async fn all_who_wait_share_one_outcome_and_the_next_one_starts_anew() {
        let flights = SingleFlight::new();
        let (land, landed) = oneshot::channel();
        let mut pilot = pin!(flights.run("key", async { landed.await.unwrap_or_default() }));
        let mut passenger = pin!(flights.run("key", ready(2)));
        assert!(is_waiting(pilot.as_mut()) && is_waiting(passenger.as_mut()));
        assert_eq!(flights.run("other", ready(3)).await, Some(3));
        land.send(1).unwrap();
        assert_eq!((pilot.await, passenger.await), (Some(1), Some(1)));
        assert_eq!(flights.run("key", ready(4)).await, Some(4));
        assert!(lock(&flights.flights).is_empty());
    }

    #[tokio::test]
    async fn nobody_depends_on_who_came_first() {
        let flights = SingleFlight::new();
        let (land, landed) = oneshot::channel();
        let mut pilot = Box::pin(flights.run("key", async { landed.await.unwrap_or_default() }));
        let mut passenger = pin!(flights.run("key", ready(2)));
        assert!(is_waiting(pilot.as_mut()) && is_waiting(passenger.as_mut()));
        drop(pilot);
        land.send(1).unwrap();
        assert_eq!(passenger.await, Some(1));
        assert!(lock(&flights.flights).is_empty());
    }

    #[tokio::test]
    async fn a_panic_is_everyones_and_over_with_it() {
        let flights = SingleFlight::new();
        let work = async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        };
        let (pilot, passenger) = tokio::join!(flights.run("key", work), flights.run("key", ready(1)));
        assert_eq!((pilot, passenger), (None, None));
        assert!(lock(&flights.flights).is_empty());
        assert_eq!(flights.run("key", ready(2)).await, Some(2));
    }

    #[test]
    fn a_runtime_that_shuts_down_leaves_nothing() {
        let flights = SingleFlight::<_, ()>::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        {
            let mut pilot = pin!(flights.run("key", pending()));
            let _inside = runtime.enter();
            assert!(is_waiting(pilot.as_mut()));
        }
        drop(runtime);
        assert!(lock(&flights.flights).is_empty());
    }
}
