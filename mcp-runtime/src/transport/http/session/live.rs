//! The sessions of this process. Everything that is not here is in the id of a session.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::SystemTime;

use tokio::time::Instant;

use super::address::{QuestionAddress, StreamAddress};
use super::announcements::Announcements;
use super::ended::EndedSessions;
use super::id::{SessionId, seconds};
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

struct State {
    live: HashMap<TokenDigest, LiveSession>,
    /// The sessions in which nothing runs or listens, by account, and then by their last use.
    idle: BTreeSet<(Option<AccountKey>, u64, TokenDigest)>,
    /// The number of the last use.
    uses: u64,
    ended: EndedSessions,
    read: ReadRecords,
}

/// A session with a state, in its place.
struct LiveSession {
    state: Arc<SessionState>,
    /// The number of guards. Something runs or listens in the session while there is one.
    guards: usize,
    /// The number of the last use, once there is no guard.
    last_use: u64,
    _place: Permit,
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
            state: Mutex::new(State {
                live: HashMap::new(),
                idle: BTreeSet::new(),
                uses: 0,
                ended: EndedSessions::new(Arc::clone(&budget.ended_sessions)),
                read: ReadRecords::default(),
            }),
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
        if state.ended.contains(session) {
            return Err(SessionError::Ended);
        }
        let live = match state.hold(&session.key) {
            Some(live) => live,
            None => {
                let place = self.places.take_or_evict(account, 1, |account| {
                    let live = state.evict(account);
                    let is_evicted = live.is_some();
                    evicted.extend(live);
                    is_evicted
                });
                let _place = place.map_err(SessionError::TooMany)?;
                let live = Arc::new(self.state(session, account));
                let session_in_place = LiveSession { state: Arc::clone(&live), guards: 1, last_use: 0, _place };
                state.live.insert(session.key, session_in_place);
                live
            }
        };
        drop(state);
        Ok(SessionGuard { state: live, key: session.key, sessions: Arc::clone(self) })
    }

    /// Returns `true` if the client ended the session.
    pub(in crate::transport::http) fn has_ended(&self, session: &SessionId) -> bool {
        locked(&self.state).ended.contains(session)
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
        state.live.iter().filter(|(_, live)| live.guards > 0).map(|(key, _)| *key).collect()
    }

    /// Returns the state of a session in which something runs or listens.
    pub(super) fn enter_in_use(self: &Arc<Self>, key: TokenDigest) -> Option<SessionGuard> {
        let mut state = locked(&self.state);
        let live = state.live.get_mut(&key).filter(|live| live.guards > 0)?;
        live.guards += 1;
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

    /// Ends a session of an account, and everything in it.
    pub(in crate::transport::http) fn end(
        &self,
        key: TokenDigest,
        expiry: u64,
        account: Option<AccountKey>,
        now: SystemTime,
    ) {
        let mut state = locked(&self.state);
        state.ended.insert(key, expiry, account, seconds(now));
        let live = state.remove(&key);
        drop(state);
        if let Some(live) = live {
            live.state.end();
        }
    }

    /// Ends some guards of a session, and the session if nothing of it has to be remembered.
    fn release(&self, key: &TokenDigest, state: &Arc<SessionState>, guards: usize) {
        let gone = locked(&self.state).release(key, state, guards);
        drop(gone);
    }

    /// Returns the name of a new stream in a session.
    pub(in crate::transport::http) fn stream_name(&self, session: &TokenDigest) -> String {
        self.link.as_ref().map_or_else(random_name, |link| StreamAddress::seal(link, *session, random()))
    }

    /// Ends all sessions that have a state.
    pub(in crate::transport::http) fn end_all(&self) {
        let live = {
            let mut state = locked(&self.state);
            state.idle.clear();
            std::mem::take(&mut state.live)
        };
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
            account,
        }
    }
}

impl State {
    /// Returns the state of a session for one more guard.
    fn hold(&mut self, key: &TokenDigest) -> Option<Arc<SessionState>> {
        let live = self.live.get_mut(key)?;
        if live.guards == 0 {
            self.idle.remove(&(live.state.account, live.last_use, *key));
        }
        live.guards += 1;
        Some(Arc::clone(&live.state))
    }

    /// Ends some guards of a session. Returns the session if nothing of it has to be remembered.
    fn release(&mut self, key: &TokenDigest, state: &Arc<SessionState>, guards: usize) -> Option<LiveSession> {
        // It may have ended, or have lost its place, meanwhile.
        let live = self.live.get_mut(key).filter(|live| Arc::ptr_eq(&live.state, state))?;
        live.guards -= guards;
        if live.guards > 0 {
            return None;
        }
        if !live.state.is_worth_keeping() {
            return self.remove(key);
        }
        if guards > 0 {
            self.uses += 1;
            live.last_use = self.uses;
            self.idle.insert((state.account, live.last_use, *key));
        }
        None
    }

    fn remove(&mut self, key: &TokenDigest) -> Option<LiveSession> {
        let live = self.live.remove(key)?;
        self.idle.remove(&(live.state.account, live.last_use, *key));
        Some(live)
    }

    /// Removes the session of an account that was idle for longest. One in which something runs or listens stays.
    fn evict(&mut self, account: Option<AccountKey>) -> Option<Arc<SessionState>> {
        let first = self.idle.range((account, 0, TokenDigest::FIRST)..).next().copied();
        let (_, _, oldest) = first.filter(|(owner, ..)| *owner == account)?;
        // Its choices are read again when it is used again.
        self.read.forget(&oldest);
        self.remove(&oldest).map(|live| live.state)
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
            self.sessions.release(&self.key, &live, 0);
        }
    }
}

impl Clone for SessionGuard {
    fn clone(&self) -> Self {
        if let Some(live) = locked(&self.sessions.state).live.get_mut(&self.key)
            && Arc::ptr_eq(&live.state, &self.state)
        {
            live.guards += 1;
        }
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
        self.sessions.release(&self.key, &self.state, 1);
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
    use std::time::Duration;

    use super::*;
    use crate::auth::Principal;
    use crate::protocol::client::Client;
    use crate::protocol::version::ProtocolVersion;
    use crate::transport::session::Handshake;

    fn sessions() -> Arc<Sessions> {
        let mut limits = Limits::default();
        limits.session.live = 2;
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
        let end = |session: &SessionId, now| {
            sessions.end(session.key, session.expiry, None, SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        };
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
        sessions.end(session.key, session.expiry, None, SystemTime::now());
        assert!(state.live.start("2").is_err(), "it would never be cancelled");
        drop(running);
        assert!(matches!(sessions.enter(&session, None), Err(SessionError::Ended)));
    }
    #[test]
    fn the_session_that_was_idle_for_longest_makes_room() {
        let sessions = sessions();
        let session = |id| session(id, u64::MAX);
        let enter = |id| {
            let Ok(guard) = sessions.enter(&session(id), None) else { panic!("there is room for {id}") };
            // There is something to remember.
            guard.preferences.listen();
            guard
        };
        let is_there = |id| sessions.find(&TokenDigest::of(id)).is_some();
        drop(enter("first"));
        drop(enter("second"));
        let again = enter("first");
        drop((again.clone(), again));
        drop(enter("third"));
        assert!(is_there("first") && !is_there("second"), "the second was used last before the first");
        let guards = [enter("first"), enter("third")];
        assert!(matches!(sessions.enter(&session("fourth"), None), Err(SessionError::TooMany(_))));
        drop(guards);
        drop(enter("fourth"));
        assert!(!is_there("first") && is_there("third"));
    }
}
