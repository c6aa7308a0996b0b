//! The cache of an issuer's keys.
//!
//! Keys are fetched once for many requests, refreshed in time, and kept while the issuer is down.
//!
//! Three rules hold everywhere:
//!
//! - There is one fetch at a time, in a task of its own. All requests that wait share its outcome, and a client that
//!   disconnects does not cancel it for the others.
//! - A token whose key is known waits for no fetch. The lock is never held across an `await` or a log line.
//! - A key is unknown only when a fetch that began after the request did not return it. Where that can't be decided,
//!   because the issuer is down or the limit of fetches is reached, the response is a 503 and not a 401.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::watch;
use tokio::time::Instant;

use super::refetch::{RateLimit, UnknownKids};
use crate::auth::TokenError;
use crate::auth::discovery::Discovery;
use crate::auth::fetch::{EndpointUrl, Fetcher};
use crate::auth::jose::jwk::{InvalidKeySet, KeySet};
use crate::lock::locked;

/// The pause between a fetch that failed and the next one.
const PAUSE: Duration = Duration::from_secs(1);

/// The interval of repeated fetches, once the burst is used up.
///
/// An issuer may publish a new key under such a name, but anyone can change a letter of a token. So the requests in
/// between wait for the next fetch.
const REPEAT_INTERVAL: Duration = Duration::from_secs(1);

/// The age of keys that decide about older tokens without another fetch.
const RECENT: Duration = Duration::from_secs(10);

/// The difference of the clocks that sign tokens and that publish keys.
const CLOCK_SKEW: Duration = Duration::from_secs(10);

/// The keys of one issuer.
pub(super) struct IssuerKeys(Source);

enum Source {
    Fixed(Arc<KeySet>),
    Remote(Arc<Remote>),
}

/// The location of a JWKS.
pub(super) enum JwksLocation {
    /// The `jwks_uri` of the issuer's metadata.
    Metadata(Discovery),
    Url(EndpointUrl),
}

/// The lifetime of keys, and the limits of fetching them.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyLife {
    /// The age at which keys are fetched again, with a background fetch before.
    pub(super) lifetime: Duration,
    /// The age up to which keys are used when they can't be fetched again.
    pub(super) max_stale: Duration,
    /// The number of fetches at once for tokens that no key confirms.
    pub(super) refetch_burst: u32,
    /// The interval of further fetches for such tokens.
    pub(super) refetch_every: Duration,
}

/// A token that no key confirms.
#[derive(Clone, Copy)]
pub(super) struct Miss<'a> {
    pub(super) reason: MissReason<'a>,
    /// The `iat` of the token.
    pub(super) issued_at: Option<SystemTime>,
}

/// The reason why no key confirms a token.
#[derive(Clone, Copy)]
pub(super) enum MissReason<'a> {
    /// No key has this `kid`.
    UnknownKid(&'a str),
    /// No key that fits the token confirms its signature.
    BadSignature,
}

impl IssuerKeys {
    /// Creates keys that never change.
    pub(super) fn fixed(keys: KeySet) -> Self {
        Self(Source::Fixed(Arc::new(keys)))
    }

    /// Creates keys that are fetched when the first token comes.
    pub(super) fn remote(issuer: &str, location: JwksLocation, fetcher: Fetcher, life: KeyLife) -> Self {
        Self(Source::Remote(Arc::new(Remote {
            issuer: issuer.to_owned(),
            location,
            fetcher,
            life,
            state: Mutex::new(State {
                cached: None,
                running: None,
                started: 0,
                failed: None,
                failure: String::new(),
                unknown_kids: UnknownKids::default(),
                kid_fetches: RateLimit::new(life.refetch_burst, life.refetch_every),
                repeated_fetches: RateLimit::new(life.refetch_burst, life.refetch_every.min(REPEAT_INTERVAL)),
            }),
        })))
    }

    /// Returns the current keys, in the same `Arc` until they change.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when no keys are young enough and none can be fetched.
    pub(super) async fn current(&self) -> Result<Arc<KeySet>, TokenError> {
        match &self.0 {
            Source::Fixed(keys) => Ok(Arc::clone(keys)),
            Source::Remote(remote) => remote.current().await,
        }
    }

    /// Fetches the keys, if there are none that are young enough.
    ///
    /// The error names the issuer and the URL.
    pub(super) async fn warm_up(&self) -> Result<(), String> {
        match &self.0 {
            Source::Fixed(_) => Ok(()),
            Source::Remote(remote) => remote.current().await.map(drop).map_err(|_| remote.failure()),
        }
    }

    /// Returns newer keys that could confirm a token, if the issuer has any.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when that can't be decided.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<KeySet>,
        miss: Miss<'_>,
    ) -> Result<Option<Arc<KeySet>>, TokenError> {
        match &self.0 {
            Source::Fixed(_) => Ok(None),
            Source::Remote(remote) => remote.newer_than(seen, miss).await,
        }
    }
}

/// The keys of an issuer that are fetched.
struct Remote {
    issuer: String,
    location: JwksLocation,
    fetcher: Fetcher,
    life: KeyLife,
    state: Mutex<State>,
}

struct State {
    cached: Option<CachedKeys>,
    running: Option<Fetch>,
    /// The number of fetches so far, which is the number of the newest one.
    started: u64,
    /// The time at which the last fetch failed, unless it succeeded.
    failed: Option<Instant>,
    /// The reason of the last failure.
    failure: String,
    unknown_kids: UnknownKids,
    /// The limit of fetches for new `kid`s.
    kid_fetches: RateLimit,
    /// The limit of fetches for all other tokens that no key confirms.
    repeated_fetches: RateLimit,
}

/// The keys of the last fetch that succeeded.
struct CachedKeys {
    keys: Arc<KeySet>,
    since: Instant,
    /// The number of the fetch that returned them last.
    fetch: u64,
    /// The time of that fetch by the issuer's clock, if known.
    issuers_time: Option<SystemTime>,
}

impl CachedKeys {
    /// Returns `true` if the issuer had these keys after it issued a token.
    fn are_newer_than(&self, issued_at: Option<SystemTime>, now: Instant) -> bool {
        // No newer key signed such a token. Some issuers date their tokens back, so that only recent keys count.
        let age =
            self.issuers_time.zip(issued_at).and_then(|(known_at, issued_at)| known_at.duration_since(issued_at).ok());
        now.saturating_duration_since(self.since) < RECENT && age.is_some_and(|age| age > CLOCK_SKEW)
    }
}

impl Remote {
    async fn current(self: &Arc<Self>) -> Result<Arc<KeySet>, TokenError> {
        let (fetch, stale) = {
            let mut state = self.lock();
            let now = Instant::now();
            let (keys, age) = match &state.cached {
                Some(cached) => (Some(Arc::clone(&cached.keys)), now.saturating_duration_since(cached.since)),
                None => (None, Duration::MAX),
            };
            let KeyLife { lifetime, max_stale, .. } = self.life;
            let usable = keys.filter(|_| age < lifetime.max(max_stale));
            match usable {
                Some(keys) if age < lifetime - lifetime / 5 => return Ok(keys),
                // The requests that find out that the issuer is down wait for it. All others use the old keys at once.
                Some(keys) if age < lifetime || state.failed.is_some() => {
                    // The error means that it is too early for a fetch, which the next request retries.
                    let _ = self.fetch(&mut state, now);
                    return Ok(keys);
                }
                usable => (self.fetch(&mut state, now).map_err(|pause| self.down(pause))?, usable),
            }
        };
        fetch.outcome().await.or_else(|FetchFailure| {
            // The fetch may have learned that the issuer withdrew the keys.
            stale.filter(|_| self.lock().cached.is_some()).ok_or_else(|| self.down(PAUSE))
        })
    }

    async fn newer_than(
        self: &Arc<Self>,
        seen: &Arc<KeySet>,
        miss: Miss<'_>,
    ) -> Result<Option<Arc<KeySet>>, TokenError> {
        // A fetch that runs already may have read the keys before the issuer published a new one. Only a fetch with a
        // later number decides that a key is unknown.
        let newest = self.lock().started;
        loop {
            let fetch = {
                let mut state = self.lock();
                let now = Instant::now();
                state.unknown_kids.forget(now, self.life.refetch_every);
                if let Some(keys) = state.newer_than(seen, miss) {
                    return Ok(Some(keys));
                }
                if state.cached.as_ref().is_some_and(|cached| cached.fetch > newest) {
                    if let MissReason::UnknownKid(kid) = miss.reason {
                        state.unknown_kids.remember(kid, now);
                    }
                    return Ok(None);
                }
                let is_new = matches!(miss.reason, MissReason::UnknownKid(kid) if !state.unknown_kids.contain(kid));
                let is_old = state.cached.as_ref().is_some_and(|cached| cached.are_newer_than(miss.issued_at, now));
                if !is_new && (is_old || self.life.refetch_burst == 0) {
                    return Ok(None);
                }
                match state.running() {
                    Some(running) => Ok(running),
                    // The pause limits these fetches, so that an outage does not use up those for after it.
                    None if state.failed.is_some() && self.life.refetch_burst > 0 => {
                        Ok(self.fetch(&mut state, now).map_err(|pause| self.down(pause))?)
                    }
                    None if is_new => {
                        state.kid_fetches.take(now).map_err(|wait| self.limit_reached(wait))?;
                        Ok(self.start(&mut state))
                    }
                    None => state.repeated_fetches.take(now).map(|()| self.start(&mut state)),
                }
            };
            match fetch {
                Ok(fetch) => _ = fetch.outcome().await.map_err(|FetchFailure| self.down(PAUSE))?,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Returns the running fetch, or starts one. The error is the rest of the pause after a failure.
    fn fetch(self: &Arc<Self>, state: &mut State, now: Instant) -> Result<Fetch, Duration> {
        if let Some(running) = state.running() {
            return Ok(running);
        }
        state.wait_after_failure(now)?;
        Ok(self.start(state))
    }

    fn start(self: &Arc<Self>, state: &mut State) -> Fetch {
        let (sender, receiver) = watch::channel(None);
        let fetch = Fetch(receiver);
        state.started += 1;
        state.running = Some(fetch.clone());
        let (remote, number) = (Arc::clone(self), state.started);
        tokio::spawn(async move {
            let outcome = match remote.request().await {
                Ok((keys, issuers_time)) => Ok(remote.store(keys, number, issuers_time)),
                Err(error) => Err(remote.fail(&error)),
            };
            // A fetch in the background has no receiver.
            let _ = sender.send(Some(outcome));
        });
        fetch
    }

    async fn request(&self) -> Result<(KeySet, Option<SystemTime>), KeyFetchError> {
        let url = match &self.location {
            JwksLocation::Url(url) => url.clone(),
            JwksLocation::Metadata(discovery) => {
                discovery.find(&self.fetcher).await.map_err(KeyFetchError::NoAnswer)?
            }
        };
        let reply = self.fetcher.get(&url).await.map_err(|error| KeyFetchError::NoAnswer(error.to_string()))?;
        if reply.status != StatusCode::OK {
            return Err(KeyFetchError::NoAnswer(format!("{url} answers {}", reply.status)));
        }
        match KeySet::parse(&reply.body) {
            Ok(keys) => Ok((keys, reply.date())),
            Err(InvalidKeySet::Malformed(reason)) => Err(KeyFetchError::NoAnswer(format!("{url}: {reason}"))),
            Err(error @ InvalidKeySet::NoKey(_)) => Err(KeyFetchError::Withdrawn(format!("{url}: {error}"))),
        }
    }

    fn store(&self, keys: KeySet, fetch: u64, issuers_time: Option<SystemTime>) -> Arc<KeySet> {
        let mut state = self.lock();
        // Equal keys keep their `Arc`, by which verified tokens are cached.
        let known = state.cached.as_ref().map(|cached| &cached.keys).filter(|known| ***known == keys).cloned();
        let changed = known.is_none();
        let keys = known.unwrap_or_else(|| Arc::new(keys));
        state.cached = Some(CachedKeys { keys: Arc::clone(&keys), since: Instant::now(), fetch, issuers_time });
        state.running = None;
        state.failed = None;
        drop(state);
        if changed {
            let kids: Vec<&str> = keys.kids().collect();
            tracing::info!(issuer = self.issuer, ?kids, "fetched the keys of an issuer");
        }
        keys
    }

    fn fail(&self, error: &KeyFetchError) -> FetchFailure {
        let mut state = self.lock();
        let now = Instant::now();
        let reason = match error {
            KeyFetchError::NoAnswer(reason) => reason,
            KeyFetchError::Withdrawn(reason) => {
                state.cached = None;
                reason
            }
        };
        let age = state.cached.as_ref().map(|cached| now.saturating_duration_since(cached.since));
        state.running = None;
        state.failed = Some(now);
        state.failure.clone_from(reason);
        drop(state);
        let KeyLife { lifetime, max_stale, .. } = self.life;
        let consequence = match age {
            Some(age) if age < lifetime => "those it had are in use",
            Some(age) if age < max_stale => "those it had are in use, though they are old",
            _ => "its tokens can't be verified",
        };
        tracing::warn!(issuer = self.issuer, reason, consequence, "the keys of an issuer can't be fetched");
        FetchFailure
    }

    fn down(&self, retry_after: Duration) -> TokenError {
        TokenError::unavailable(format!("the keys of {} can't be fetched", self.issuer)).retry_after(retry_after)
    }

    /// Describes the last failure.
    fn failure(&self) -> String {
        format!("the keys of {} can't be fetched: {}", self.issuer, self.lock().failure)
    }

    fn limit_reached(&self, retry_after: Duration) -> TokenError {
        TokenError::unavailable(format!("the keys of {} can't be fetched again yet for an unknown `kid`", self.issuer))
            .retry_after(retry_after)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No change of the state can panic half-way.
        locked(&self.state)
    }
}

impl State {
    fn newer_than(&self, seen: &Arc<KeySet>, miss: Miss<'_>) -> Option<Arc<KeySet>> {
        let keys = &self.cached.as_ref()?.keys;
        let may_confirm = match miss.reason {
            MissReason::UnknownKid(kid) => keys.has_kid(kid),
            MissReason::BadSignature => true,
        };
        (may_confirm && !Arc::ptr_eq(keys, seen)).then(|| Arc::clone(keys))
    }

    fn running(&self) -> Option<Fetch> {
        self.running.clone().filter(Fetch::is_running)
    }

    /// Checks that the pause after a failure is over. The error is the rest of it.
    fn wait_after_failure(&self, now: Instant) -> Result<(), Duration> {
        let rest = self.failed.map(|failed| PAUSE.saturating_sub(now.saturating_duration_since(failed)));
        rest.filter(|rest| !rest.is_zero()).map_or(Ok(()), Err)
    }
}

/// The reason why a fetch returned no keys.
enum KeyFetchError {
    /// The issuer did not answer, so that the cached keys stay in use.
    NoAnswer(String),
    /// The issuer publishes no key that can verify tokens.
    Withdrawn(String),
}

/// A receiver of the outcome of a fetch.
#[derive(Clone)]
struct Fetch(watch::Receiver<Option<Result<Arc<KeySet>, FetchFailure>>>);

/// A fetch that failed, with the reason in the log.
#[derive(Clone, Copy)]
struct FetchFailure;

impl Fetch {
    async fn outcome(mut self) -> Result<Arc<KeySet>, FetchFailure> {
        match self.0.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            _ => Err(FetchFailure),
        }
    }

    /// Returns `false` if the task ended without an outcome, with its runtime.
    fn is_running(&self) -> bool {
        !self.0.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::auth::fetch::Limits;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_fetch_that_ended_with_its_runtime_is_waited_for_by_nobody() {
        // It accepts connections, and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = EndpointUrl::parse(&format!("http://{}/jwks", silent.local_addr().unwrap())).unwrap();
        let fetcher = Fetcher::new(Limits { timeout: 60 * SECOND, max_bytes: 1024 }, false).unwrap();
        let life = KeyLife { lifetime: SECOND, max_stale: SECOND, refetch_burst: 1, refetch_every: SECOND };
        let keys = IssuerKeys::remote("https://auth.example.com", JwksLocation::Url(url), fetcher, life);
        let Source::Remote(remote) = &keys.0 else { panic!("remote keys") };
        for started in 1..=2 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _inside = runtime.enter();
            for _ in 0..2 {
                assert!(pin!(keys.current()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
                assert_eq!(remote.lock().started, started);
            }
        }
    }
}
