//! The life of an issuer's keys: fetched once for many, refreshed in time, kept while the issuer is down, and fetched
//! again when it has new ones.
//!
//! What everything here follows from:
//!
//! - There is one fetch at a time, in a task of its own: whoever waits shares its outcome, and whoever goes away does
//!   not end it for the others.
//! - A token whose key is known waits for nobody. The lock is held for a look at the state, and never while something
//!   is awaited or logged.
//! - A key is unknown only when a fetch did not bring it that began after it was asked for. Where that can't be found
//!   out, because the issuer is down or was asked too often, the answer is a 503 and not a 401.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::watch;
use tokio::time::Instant;

use super::discovery::Discovery;
use super::jwk::{InvalidKeySet, KeySet};
use crate::auth::TokenError;
use crate::auth::fetch::{EndpointUrl, Fetcher};
use crate::auth::profile::TokenIssuers;
use crate::lock::locked;

/// Between a fetch that failed and the next one.
const PAUSE: Duration = Duration::from_secs(1);

/// Between fetches for `kid`s that are known, or known to be unknown, when there were many. It takes one to notice a new
/// key under such a name, but anyone can change a letter of a token; so those who come in between wait for the next.
const REPEAT_INTERVAL: Duration = Duration::from_secs(1);

/// Keys that were fetched so recently are good enough to refuse a token that is older than they,
const RECENT: Duration = Duration::from_secs(10);

/// by more than this, because the machine that signs may have another clock than the one that publishes.
const CLOCK_SKEW: Duration = Duration::from_secs(10);

/// Of `kid`s that were looked for in vain.
const MAX_UNKNOWN_KIDS: usize = 128;

/// The keys of one issuer, for as long as the server lives.
pub(super) struct IssuerKeys(Source);

enum Source {
    Fixed(Arc<KeySet>),
    Remote(Arc<Remote>),
}

/// Where keys come from.
pub(super) enum Origin {
    /// From where the metadata of the issuer says.
    Discovery,
    Jwks(EndpointUrl),
}

/// How long keys are good, and how often they are fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyLife {
    /// After that, they are fetched again; in the background when a fifth of it is left.
    pub(super) lifetime: Duration,
    /// Since they were fetched, when they can't be fetched again.
    pub(super) max_stale: Duration,
    /// How often they are fetched at once for tokens that they do not confirm,
    pub(super) refetch_burst: u32,
    /// and in which time once more.
    pub(super) refetch_every: Duration,
}

/// Why a token is not confirmed.
#[derive(Clone, Copy)]
pub(super) struct Miss<'a> {
    pub(super) reason: Reason<'a>,
    /// When it says that it was issued.
    pub(super) issued_at: Option<SystemTime>,
}

#[derive(Clone, Copy)]
pub(super) enum Reason<'a> {
    /// No key has this `kid`.
    UnknownKid(&'a str),
    /// No key that the token could mean confirms its signature.
    BadSignature,
}

impl IssuerKeys {
    /// Keys that never change.
    pub(super) fn fixed(keys: KeySet) -> Self {
        Self(Source::Fixed(Arc::new(keys)))
    }

    /// Keys that are fetched when the first token comes.
    pub(super) fn remote(names: &TokenIssuers, origin: Origin, fetcher: Fetcher, life: KeyLife) -> Self {
        Self(Source::Remote(Arc::new(Remote {
            place: match origin {
                Origin::Discovery => Place::Discovered(Discovery::new(names)),
                Origin::Jwks(url) => Place::Known(url),
            },
            issuer: names.advertised().to_owned(),
            fetcher,
            life,
            state: Mutex::new(State {
                held: None,
                running: None,
                started: 0,
                failed: None,
                unknown_kids: UnknownKids(VecDeque::new()),
                kid_fetches: Bucket::new(life.refetch_burst, life.refetch_every),
                repeated_fetches: Bucket::new(life.refetch_burst, life.refetch_every.min(REPEAT_INTERVAL)),
            }),
        })))
    }

    /// The keys to verify with now. They are the same `Arc` until the issuer has others.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when there are none that are young enough, and none can be fetched.
    pub(super) async fn current(&self) -> Result<Arc<KeySet>, TokenError> {
        match &self.0 {
            Source::Fixed(keys) => Ok(Arc::clone(keys)),
            Source::Remote(remote) => remote.current().await,
        }
    }

    /// Other keys than those that were `seen` to miss, or `None` when the issuer has none that would help.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when that can't be found out.
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

struct Remote {
    issuer: String,
    place: Place,
    fetcher: Fetcher,
    life: KeyLife,
    state: Mutex<State>,
}

enum Place {
    Discovered(Discovery),
    Known(EndpointUrl),
}

struct State {
    held: Option<Held>,
    running: Option<Fetch>,
    /// How many fetches were, and the number of the newest one.
    started: u64,
    /// When the last fetch failed, if it did.
    failed: Option<Instant>,
    unknown_kids: UnknownKids,
    kid_fetches: Bucket,
    repeated_fetches: Bucket,
}

struct Held {
    keys: Arc<KeySet>,
    since: Instant,
    /// The number of the fetch that brought them last.
    fetch: u64,
    /// When that was by the clock of the issuer, if it says so.
    issuers_time: Option<SystemTime>,
}

impl Held {
    /// Whether these keys were in use when a token was issued, so that no others could have signed it. Some issuers date
    /// their tokens back, so that is not believed for long.
    fn cover(&self, issued_at: Option<SystemTime>, now: Instant) -> bool {
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
            let (keys, age) = match &state.held {
                Some(held) => (Some(Arc::clone(&held.keys)), now.saturating_duration_since(held.since)),
                None => (None, Duration::MAX),
            };
            let KeyLife { lifetime, max_stale, .. } = self.life;
            let usable = keys.filter(|_| age < lifetime.max(max_stale));
            match usable {
                Some(keys) if age < lifetime - lifetime / 5 => return Ok(keys),
                // Those who find out that the issuer is down have waited for it. Until it is back, nobody else does.
                Some(keys) if age < lifetime || state.failed.is_some() => {
                    // It may be too early to start one.
                    let _ = self.fetch(&mut state, now);
                    return Ok(keys);
                }
                usable => (self.fetch(&mut state, now).map_err(|pause| self.down(pause))?, usable),
            }
        };
        fetch.outcome().await.or_else(|Failed| {
            // Not when the issuer has just withdrawn them.
            stale.filter(|_| self.lock().held.is_some()).ok_or_else(|| self.down(PAUSE))
        })
    }

    async fn newer_than(
        self: &Arc<Self>,
        seen: &Arc<KeySet>,
        miss: Miss<'_>,
    ) -> Result<Option<Arc<KeySet>>, TokenError> {
        let asked = self.lock().started;
        // A fetch that is running may be too old to know; the next one is not.
        loop {
            let fetch = {
                let mut state = self.lock();
                let now = Instant::now();
                state.unknown_kids.forget(now, self.life.refetch_every);
                if let Some(keys) = state.newer_than(seen, miss) {
                    return Ok(Some(keys));
                }
                if state.held.as_ref().is_some_and(|held| held.fetch > asked) {
                    if let Reason::UnknownKid(kid) = miss.reason {
                        state.unknown_kids.remember(kid, now);
                    }
                    return Ok(None);
                }
                let is_new = matches!(miss.reason, Reason::UnknownKid(kid) if !state.unknown_kids.contain(kid));
                let covered = state.held.as_ref().is_some_and(|held| held.cover(miss.issued_at, now));
                if !is_new && (covered || self.life.refetch_burst == 0) {
                    return Ok(None);
                }
                match state.running() {
                    Some(running) => Ok(running),
                    // The pause is limit enough, and an outage must not use up what finds the key when it is over.
                    None if state.failed.is_some() && self.life.refetch_burst > 0 => {
                        Ok(self.fetch(&mut state, now).map_err(|pause| self.down(pause))?)
                    }
                    None if is_new => {
                        state.kid_fetches.take(now).map_err(|wait| self.asked_too_often(wait))?;
                        Ok(self.start(&mut state))
                    }
                    None => state.repeated_fetches.take(now).map(|()| self.start(&mut state)),
                }
            };
            match fetch {
                Ok(fetch) => _ = fetch.outcome().await.map_err(|Failed| self.down(PAUSE))?,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// The fetch that is running, or a new one. The error says how long it is too early for that.
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
            let outcome = match remote.ask().await {
                Ok((keys, issuers_time)) => Ok(remote.store(keys, number, issuers_time)),
                Err(error) => Err(remote.fail(&error)),
            };
            // That nobody waits is no reason not to have fetched.
            let _ = sender.send(Some(outcome));
        });
        fetch
    }

    async fn ask(&self) -> Result<(KeySet, Option<SystemTime>), NoKeys> {
        let url = match &self.place {
            Place::Known(url) => url.clone(),
            Place::Discovered(discovery) => discovery.jwks_url(&self.fetcher).await.map_err(NoKeys::NoAnswer)?,
        };
        let reply = self.fetcher.get(&url).await.map_err(|error| NoKeys::NoAnswer(error.to_string()))?;
        if reply.status != StatusCode::OK {
            return Err(NoKeys::NoAnswer(format!("{url} answers {}", reply.status)));
        }
        match KeySet::parse(&reply.body) {
            Ok(keys) => Ok((keys, reply.date())),
            Err(InvalidKeySet::Malformed(reason)) => Err(NoKeys::NoAnswer(format!("{url}: {reason}"))),
            Err(error @ InvalidKeySet::NoKey(_)) => Err(NoKeys::Withdrawn(format!("{url}: {error}"))),
        }
    }

    fn store(&self, keys: KeySet, fetch: u64, issuers_time: Option<SystemTime>) -> Arc<KeySet> {
        let mut state = self.lock();
        let known = state.held.as_ref().map(|held| &held.keys).filter(|known| ***known == keys).cloned();
        let changed = known.is_none();
        let keys = known.unwrap_or_else(|| Arc::new(keys));
        state.held = Some(Held { keys: Arc::clone(&keys), since: Instant::now(), fetch, issuers_time });
        state.running = None;
        state.failed = None;
        drop(state);
        if changed {
            let kids: Vec<&str> = keys.kids().collect();
            tracing::info!(issuer = self.issuer, ?kids, "fetched the keys of an issuer");
        }
        keys
    }

    fn fail(&self, error: &NoKeys) -> Failed {
        let mut state = self.lock();
        let now = Instant::now();
        let reason = match error {
            NoKeys::NoAnswer(reason) => reason,
            NoKeys::Withdrawn(reason) => {
                state.held = None;
                reason
            }
        };
        let age = state.held.as_ref().map(|held| now.saturating_duration_since(held.since));
        state.running = None;
        state.failed = Some(now);
        drop(state);
        let KeyLife { lifetime, max_stale, .. } = self.life;
        let consequence = match age {
            Some(age) if age < lifetime => "those it had are in use",
            Some(age) if age < max_stale => "those it had are in use, though they are old",
            _ => "its tokens can't be verified",
        };
        tracing::warn!(issuer = self.issuer, reason, consequence, "the keys of an issuer can't be fetched");
        Failed
    }

    fn down(&self, retry_after: Duration) -> TokenError {
        TokenError::unavailable(format!("the keys of {} can't be fetched", self.issuer)).retry_after(retry_after)
    }

    fn asked_too_often(&self, retry_after: Duration) -> TokenError {
        TokenError::unavailable(format!("the keys of {} can't be fetched again yet for an unknown `kid`", self.issuer))
            .retry_after(retry_after)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half-way.
        locked(&self.state)
    }
}

impl State {
    fn newer_than(&self, seen: &Arc<KeySet>, miss: Miss<'_>) -> Option<Arc<KeySet>> {
        let keys = &self.held.as_ref()?.keys;
        let helps = match miss.reason {
            Reason::UnknownKid(kid) => keys.has_kid(kid),
            Reason::BadSignature => true,
        };
        (helps && !Arc::ptr_eq(keys, seen)).then(|| Arc::clone(keys))
    }

    fn running(&self) -> Option<Fetch> {
        self.running.clone().filter(Fetch::is_running)
    }

    /// The error is the rest of the pause.
    fn wait_after_failure(&self, now: Instant) -> Result<(), Duration> {
        let rest = self.failed.map(|failed| PAUSE.saturating_sub(now.saturating_duration_since(failed)));
        rest.filter(|rest| !rest.is_zero()).map_or(Ok(()), Err)
    }
}

/// Why a fetch brought no keys.
enum NoKeys {
    /// Nothing is known about them, so those from before are as good as they were.
    NoAnswer(String),
    /// The issuer says that it has none that can verify tokens.
    Withdrawn(String),
}

/// A fetch, for those who wait for it.
#[derive(Clone)]
struct Fetch(watch::Receiver<Option<Result<Arc<KeySet>, Failed>>>);

/// Why is in the log.
#[derive(Clone, Copy)]
struct Failed;

impl Fetch {
    async fn outcome(mut self) -> Result<Arc<KeySet>, Failed> {
        match self.0.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            _ => Err(Failed),
        }
    }

    /// Its task may be gone without an outcome, together with the runtime that it was on.
    fn is_running(&self) -> bool {
        !self.0.is_closed()
    }
}

/// `kid`s that the issuer did not have a moment ago, oldest first. A client that does not give up takes nothing from
/// those who ask for another one.
struct UnknownKids(VecDeque<(String, Instant)>);

impl UnknownKids {
    fn forget(&mut self, now: Instant, after: Duration) {
        while self.0.front().is_some_and(|(_, since)| now.saturating_duration_since(*since) >= after) {
            self.0.pop_front();
        }
    }

    fn remember(&mut self, kid: &str, now: Instant) {
        if self.contain(kid) {
            return;
        }
        if self.0.len() == MAX_UNKNOWN_KIDS {
            self.0.pop_front();
        }
        self.0.push_back((kid.to_owned(), now));
    }

    fn contain(&self, kid: &str) -> bool {
        self.0.iter().any(|(known, _)| known == kid)
    }
}

/// A token bucket: so much at once, and one more after each interval.
struct Bucket {
    burst: u32,
    every: Duration,
    /// How long it takes until it is full again, as of then.
    debt: Duration,
    as_of: Instant,
}

impl Bucket {
    /// A longer interval would never be seen to end, and can't be multiplied.
    const MAX_INTERVAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every: every.min(Self::MAX_INTERVAL), debt: Duration::ZERO, as_of: Instant::now() }
    }

    /// Takes one out. The error says when there is another one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.debt = self.debt.saturating_sub(now.saturating_duration_since(self.as_of));
        self.as_of = now;
        let debt = self.debt + self.every;
        let wait = debt.saturating_sub(self.every * self.burst);
        if self.burst == 0 || !wait.is_zero() {
            return Err(wait);
        }
        self.debt = debt;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::auth::JwtProfile;
    use crate::auth::fetch::Limits;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_gives_a_burst_and_then_one_at_a_time() {
        let mut bucket = Bucket::new(3, 30 * SECOND);
        let start = Instant::now();
        let mut take = |seconds: u32| bucket.take(start + seconds * SECOND);
        assert_eq!([take(0), take(0), take(0)], [Ok(()); 3]);
        assert_eq!(take(0), Err(30 * SECOND));
        assert_eq!(take(10), Err(20 * SECOND));
        assert_eq!([take(30), take(30)], [Ok(()), Err(30 * SECOND)]);
        assert_eq!([take(95), take(95), take(95)], [Ok(()), Ok(()), Err(25 * SECOND)]);
        assert_eq!([take(1000), take(1000), take(1000), take(1000)], [Ok(()), Ok(()), Ok(()), Err(30 * SECOND)]);
    }

    #[test]
    fn the_extremes_of_a_bucket() {
        let now = Instant::now();
        assert!(Bucket::new(0, SECOND).take(now).is_err());
        assert!(Bucket::new(0, Duration::ZERO).take(now).is_err());
        let mut unlimited = Bucket::new(1, Duration::ZERO);
        assert!((0..1000).all(|_| unlimited.take(now).is_ok()));
        let mut once = Bucket::new(1, Duration::MAX);
        assert_eq!([once.take(now), once.take(now)], [Ok(()), Err(Bucket::MAX_INTERVAL)]);
        assert!(Bucket::new(u32::MAX, Duration::MAX).take(now).is_ok());
    }

    #[test]
    fn unknown_kids_are_bounded_in_number_and_time() {
        let mut kids = UnknownKids(VecDeque::new());
        let start = Instant::now();
        for number in 0..2 * MAX_UNKNOWN_KIDS {
            kids.remember(&number.to_string(), start);
            kids.remember(&number.to_string(), start);
            assert!(kids.0.len() <= MAX_UNKNOWN_KIDS);
        }
        assert!(kids.contain("255") && kids.contain("128") && !kids.contain("127"));
        kids.remember("late", start + SECOND);
        kids.forget(start + 30 * SECOND, 30 * SECOND);
        assert!(kids.contain("late") && !kids.contain("255"));
    }

    #[test]
    fn a_fetch_that_ended_with_its_runtime_is_waited_for_by_nobody() {
        // It accepts connections, and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = EndpointUrl::parse(&format!("http://{}/jwks", silent.local_addr().unwrap())).unwrap();
        let fetcher = Fetcher::new(Limits { timeout: 60 * SECOND, max_bytes: 1024 }, false).unwrap();
        let life = KeyLife { lifetime: SECOND, max_stale: SECOND, refetch_burst: 1, refetch_every: SECOND };
        let names = TokenIssuers::new("https://auth.example.com", &JwtProfile::rfc9068());
        let keys = IssuerKeys::remote(&names, Origin::Jwks(url), fetcher, life);
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
