//! The sessions of this process. Everything that is not here is in the id of a session.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use tokio::time::Instant;

use super::address::{QuestionAddress, StreamAddress};
use super::announcements::Announcements;
use super::id::SessionId;
use super::read_records::ReadRecords;
use super::relays::Relays;
use super::replay::Replay;
use super::taken_answers::TakenAnswers;
use crate::auth::{RequiredScopes, TokenDigest};
use crate::backplane::link::Link;
use crate::backplane::repair::Repair;
use crate::budget::{AccountKey, Budget, Permit, Pool};
use crate::latch::Latch;
use crate::limits::{Limits, StreamLimits};
use crate::lock::locked;
use crate::server::{Listeners, OpenQuestions};
use crate::transport::session::{Live, Preferences, SessionRecord};

/// Limits the ended sessions that are remembered until their expiry. Beyond it, the first to expire is forgotten.
const MAX_ENDED: usize = 65_536;

/// The tolerated step back of the clock, in seconds, without reviving sessions that their clients ended.
const CLOCK_STEP: u64 = 60;

/// The registry of the sessions that have a state.
pub(in crate::transport::http) struct Sessions {
    /// The sessions with a state. Beyond the limit, an idle one is evicted.
    places: Arc<Pool>,
    /// The bytes that are kept for sessions.
    buffered: Arc<Pool>,
    /// The places of the streams that are kept after their last event.
    finished_places: Arc<Pool>,
    pub(super) limits: StreamLimits,
    listeners: Arc<Listeners>,
    /// The link to other instances. Absent for a server that runs alone.
    pub(super) link: Option<Arc<Link>>,
    pub(super) taken_answers: TakenAnswers,
    /// Reads the records of the sessions in use again. Absent for a server that runs alone.
    pub(super) repair: OnceLock<Repair>,
    /// The streams that clients of other instances read.
    pub(super) relays: Arc<Relays>,
    state: Mutex<State>,
    /// The streams that are kept after their last event, oldest first.
    finished: Mutex<VecDeque<(Permit, Arc<Replay>)>>,
}

#[derive(Default)]
struct State {
    live: HashMap<TokenDigest, LiveSession>,
    /// The sessions that their clients ended, after their expiry.
    ended: BTreeSet<(u64, TokenDigest)>,
    read: ReadRecords,
}

/// A session with a state, in its place.
struct LiveSession {
    state: Arc<SessionState>,
    _place: Permit,
}

impl LiveSession {
    /// Returns `true` if something runs or listens in the session.
    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.state) > 1
    }
}

/// The reason for which a session can't be used.
pub(in crate::transport::http) enum SessionError {
    Ended,
    /// Too many sessions have a state, with the message for the client.
    TooMany(String),
}

impl Sessions {
    pub(in crate::transport::http) fn new(
        budget: &Budget,
        limits: &Limits,
        listeners: Arc<Listeners>,
        link: Option<Arc<Link>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::clone(&budget.sessions),
            buffered: Arc::clone(&budget.buffered),
            finished_places: Arc::clone(&budget.finished_streams),
            limits: limits.streams.clone(),
            listeners,
            link,
            taken_answers: TakenAnswers::new(limits.session.resume_timeout),
            repair: OnceLock::new(),
            relays: Arc::default(),
            state: Mutex::default(),
            finished: Mutex::default(),
        })
    }

    /// Returns the state of a session, which begins if there is none.
    pub(in crate::transport::http) fn enter(
        self: &Arc<Self>,
        session: &SessionId,
        account: Option<AccountKey>,
    ) -> Result<SessionGuard, SessionError> {
        // Dropped without the lock, because that wakes those who wait in them.
        let mut evicted = Vec::new();
        let mut state = locked(&self.state);
        if state.has_ended(session) {
            return Err(SessionError::Ended);
        }
        let live = match state.live.get(&session.key) {
            Some(live) => Arc::clone(&live.state),
            None => {
                let place = self.places.take_or_evict(account, 1, |account| {
                    let live = state.evict(account);
                    let is_evicted = live.is_some();
                    evicted.extend(live);
                    is_evicted
                });
                let _place = place.map_err(SessionError::TooMany)?;
                let live = Arc::new(self.state(session, account));
                state.live.insert(session.key, LiveSession { state: Arc::clone(&live), _place });
                live
            }
        };
        drop(state);
        *locked(&live.used) = Instant::now();
        Ok(SessionGuard { state: live, key: session.key, sessions: Arc::clone(self) })
    }

    /// Returns `true` if the client ended the session.
    pub(in crate::transport::http) fn has_ended(&self, session: &SessionId) -> bool {
        locked(&self.state).has_ended(session)
    }

    /// Returns `true` if the client owes an answer in the session.
    pub(in crate::transport::http) fn has_question(&self, session: &SessionId) -> bool {
        self.find(&session.key).is_some_and(|live| live.live.questions.has_any())
    }

    /// Returns the state of a session, if there is one.
    pub(super) fn find(&self, key: &TokenDigest) -> Option<Arc<SessionState>> {
        locked(&self.state).live.get(key).map(|live| Arc::clone(&live.state))
    }

    /// Returns the keys of the sessions in which something runs or listens.
    pub(super) fn keys_in_use(&self) -> Vec<TokenDigest> {
        let state = locked(&self.state);
        state.live.iter().filter(|(_, live)| live.is_in_use()).map(|(key, _)| *key).collect()
    }

    /// Returns the state of a session in which something runs or listens.
    pub(super) fn enter_in_use(self: &Arc<Self>, key: TokenDigest) -> Option<SessionGuard> {
        let state = locked(&self.state);
        let live = state.live.get(&key).filter(|live| live.is_in_use())?;
        Some(SessionGuard { state: Arc::clone(&live.state), key, sessions: Arc::clone(self) })
    }

    /// Returns the records that were read, under the lock of the sessions.
    pub(super) fn with_read<T>(&self, work: impl FnOnce(&mut ReadRecords) -> T) -> T {
        work(&mut locked(&self.state).read)
    }

    /// Returns the record of a session that the instances share, unless the server runs alone.
    pub(in crate::transport::http) fn record(&self, session: &SessionId) -> Option<SessionRecord> {
        self.link.as_ref().map(|link| SessionRecord::new(Arc::clone(link), session.key, session.expiry))
    }

    /// Ends a session and everything in it.
    pub(in crate::transport::http) fn end(&self, key: TokenDigest, expiry: u64, now: u64) {
        let mut state = locked(&self.state);
        let is_over = |expiry: u64| expiry.saturating_add(CLOCK_STEP) < now;
        while state.ended.first().is_some_and(|(expiry, _)| is_over(*expiry)) || state.ended.len() >= MAX_ENDED {
            state.ended.pop_first();
        }
        state.ended.insert((expiry, key));
        let live = state.live.remove(&key);
        drop(state);
        if let Some(live) = live {
            live.state.end();
        }
    }

    /// Returns the name of a new stream in a session.
    pub(in crate::transport::http) fn stream_name(&self, session: &TokenDigest) -> String {
        self.link.as_ref().map_or_else(random_name, |link| StreamAddress::seal(link, *session, random()))
    }

    /// Ends all sessions that have a state.
    pub(in crate::transport::http) fn end_all(&self) {
        let live = std::mem::take(&mut locked(&self.state).live);
        live.into_values().for_each(|live| live.state.end());
    }

    fn state(&self, session: &SessionId, account: Option<AccountKey>) -> SessionState {
        let buffer = || self.buffered.empty(account);
        let preferences = Arc::new(Preferences::new(Arc::clone(&self.listeners), buffer(), self.record(session)));
        let addresses = self.link.as_ref().map(|link| QuestionAddress::sealer(link, session.key));
        let max_sent = self.limits.queued_messages;
        SessionState {
            announcements: Announcements::new(&random_name(), max_sent, Arc::clone(&preferences), buffer()),
            preferences,
            // Every request holds a permit.
            live: Live::new(OpenQuestions::starting_at(random()).addressed_by(addresses), usize::MAX),
            expiry: session.expiry,
            ended: Latch::default(),
            streams: Mutex::default(),
            used: Mutex::new(Instant::now()),
            account,
        }
    }
}

impl State {
    fn has_ended(&self, session: &SessionId) -> bool {
        self.ended.contains(&(session.expiry, session.key))
    }

    /// Removes the session of an account that was idle for longest. One in which something runs or listens stays.
    fn evict(&mut self, account: Option<AccountKey>) -> Option<Arc<SessionState>> {
        let idle = self.live.iter().filter(|(_, live)| live.state.account == account && !live.is_in_use());
        let oldest = idle.min_by_key(|(_, live)| *locked(&live.state.used)).map(|(key, _)| *key)?;
        // Its choices are read again when it is used again.
        self.read.forget(&oldest);
        self.live.remove(&oldest).map(|live| live.state)
    }
}

/// The state of a session in this process.
pub(in crate::transport::http) struct SessionState {
    pub(in crate::transport::http) preferences: Arc<Preferences>,
    pub(in crate::transport::http) live: Live,
    pub(in crate::transport::http) announcements: Announcements,
    /// The end of the session, in seconds since 1970.
    pub(super) expiry: u64,
    /// Set when the session ends.
    pub(super) ended: Latch,
    /// The streams that a client can resume, by their names.
    streams: Mutex<HashMap<Box<str>, ResumableStream>>,
    used: Mutex<Instant>,
    /// The account whose limits count.
    account: Option<AccountKey>,
}

/// A stream, and the scopes that reading it needs.
#[derive(Clone)]
pub(in crate::transport::http) struct ResumableStream {
    pub(in crate::transport::http) replay: Arc<Replay>,
    pub(in crate::transport::http) needed: Option<RequiredScopes>,
}

impl SessionState {
    /// Registers a stream that the client can resume.
    pub(in crate::transport::http) fn offer(&self, stream: ResumableStream) {
        locked(&self.streams).insert(stream.replay.name().into(), stream);
    }

    pub(in crate::transport::http) fn stream(&self, name: &str) -> Option<ResumableStream> {
        locked(&self.streams).get(name).cloned()
    }

    pub(in crate::transport::http) fn forget(&self, name: &str) {
        let gone = locked(&self.streams).remove(name);
        drop(gone);
    }

    /// Returns the account that the session counts for.
    pub(super) fn account(&self) -> Option<AccountKey> {
        self.account
    }

    fn end(&self) {
        self.ended.set();
        self.live.end();
        let streams = std::mem::take(&mut *locked(&self.streams));
        streams.into_values().for_each(|stream| stream.replay.dismiss());
        self.announcements.end();
    }

    /// Returns `true` if there is something to remember while nothing runs.
    fn is_worth_keeping(&self) -> bool {
        !self.preferences.are_default() || !locked(&self.streams).is_empty()
    }
}

impl Drop for SessionState {
    fn drop(&mut self) {
        self.end();
    }
}

/// A handle to the state of a session, which is not evicted meanwhile.
pub(in crate::transport::http) struct SessionGuard {
    state: Arc<SessionState>,
    pub(super) key: TokenDigest,
    pub(super) sessions: Arc<Sessions>,
}

impl SessionGuard {
    /// Keeps a stream after its last event, for a client that did not receive it.
    ///
    /// Beyond the limit, the oldest stream of whoever has most is dismissed.
    pub(in crate::transport::http) fn keep(&self, replay: &Arc<Replay>) -> FinishedStream {
        let sessions = Arc::clone(&self.sessions);
        let (mut finished, mut dismissed) = (locked(&sessions.finished), Vec::new());
        let place = sessions.finished_places.take_or_evict(self.state.account, 1, |account| {
            let oldest = finished.iter().position(|(place, _)| place.account() == account);
            let evicted = oldest.and_then(|index| finished.remove(index)).map(|(_, replay)| replay);
            dismissed.extend(evicted.clone());
            evicted.is_some()
        });
        match place {
            Ok(place) => finished.push_back((place, Arc::clone(replay))),
            Err(_) => dismissed.push(Arc::clone(replay)),
        }
        drop(finished);
        dismissed.iter().for_each(|replay| replay.dismiss());
        FinishedStream { live: Arc::downgrade(&self.state), key: self.key, sessions, replay: Arc::clone(replay) }
    }
}

/// A stream that is kept after its last event.
pub(in crate::transport::http) struct FinishedStream {
    live: Weak<SessionState>,
    key: TokenDigest,
    sessions: Arc<Sessions>,
    replay: Arc<Replay>,
}

impl FinishedStream {
    /// Drops the stream.
    pub(in crate::transport::http) fn release(self) {
        locked(&self.sessions.finished).retain(|(_, kept)| !Arc::ptr_eq(kept, &self.replay));
        if let Some(live) = self.live.upgrade() {
            live.forget(self.replay.name());
            // That may have been all that the session was remembered for.
            drop(SessionGuard { state: live, key: self.key, sessions: self.sessions });
        }
    }
}

impl Clone for SessionGuard {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state), key: self.key, sessions: Arc::clone(&self.sessions) }
    }
}

impl Deref for SessionGuard {
    type Target = SessionState;

    fn deref(&self) -> &SessionState {
        &self.state
    }
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        if self.state.is_worth_keeping() {
            return;
        }
        let mut state = locked(&self.sessions.state);
        // The registry's and this one.
        let is_last = Arc::strong_count(&self.state) == 2;
        let registered = state.live.get(&self.key).is_some_and(|live| Arc::ptr_eq(&live.state, &self.state));
        let gone = if is_last && registered { state.live.remove(&self.key) } else { None };
        drop(state);
        drop(gone);
    }
}

/// Returns a name that no other instance gives.
fn random_name() -> String {
    format!("{:016x}", random())
}

/// Returns a number that is unlikely to repeat. No secret depends on it.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(Instant::now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Principal;
    use crate::protocol::client::Client;
    use crate::protocol::version::ProtocolVersion;
    use crate::transport::session::Handshake;

    fn sessions() -> Arc<Sessions> {
        let limits = Limits::default();
        Sessions::new(&Budget::new(limits.budget()), &limits, Arc::default(), None)
    }

    fn session(id: &str, expiry: u64) -> SessionId {
        let (version, client) = (ProtocolVersion::V2025_11_25, Client::default());
        let handshake = Handshake { version, client, principal: Principal::of(None) };
        SessionId { key: TokenDigest::of(id), handshake, expiry }
    }

    #[test]
    fn a_session_that_was_ended_stays_so_when_the_clock_is_set_back() {
        let sessions = sessions();
        let first = session("first", 1000);
        let end = |session: &SessionId, now| sessions.end(session.key, session.expiry, now);
        end(&first, 500);
        end(&session("second", 5000), 1060);
        assert!(sessions.has_ended(&first), "a minute ago, it would not have expired");
        end(&session("third", 5000), 1061);
        assert!(!sessions.has_ended(&first), "it is remembered no longer than it could be used");
    }

    #[test]
    fn nothing_begins_in_a_session_that_has_ended() {
        let session = session("id", u64::MAX);
        let sessions = sessions();
        let Ok(state) = sessions.enter(&session, None) else { panic!("it has not ended") };
        let running = state.live.start("1").expect("it has not ended");
        sessions.end(session.key, session.expiry, 0);
        assert!(state.live.start("2").is_err(), "it would never be cancelled");
        drop(running);
        assert!(matches!(sessions.enter(&session, None), Err(SessionError::Ended)));
    }
}
