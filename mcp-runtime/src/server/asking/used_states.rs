//! The record of used states, for answers that are valid once.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::{AccessToken, Account};
use crate::backplane::Unavailable;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::throttle::Throttle;

/// The part of the record that one account can fill (a quarter), so that none fills it for the others.
const SHARE: usize = 4;

/// The used states that have not expired, in this process.
pub(crate) struct UsedStates {
    max: usize,
    /// The hash function of accounts, with secret keys. An equal hash of two accounts cannot be provoked.
    hashes: RandomState,
    record: Mutex<UseRecord>,
    refusals: Throttle,
}

struct UseRecord {
    /// The hashes of the accounts, by the time of sealing (milliseconds since 1970) and the digest of the text.
    used: BTreeMap<(u64, String), u64>,
    /// The number of states by the hash of their account.
    shares: HashMap<u64, usize>,
    /// The time since which the record is complete.
    ///
    /// Older states may have been used. It begins with the process, which has no record of the last one, and rises with
    /// each evicted state.
    known_since: u64,
}

impl UsedStates {
    /// Creates an empty record for at most `max` states.
    pub(super) fn new(max: usize, now: SystemTime) -> Self {
        let record = UseRecord { used: BTreeMap::new(), shares: HashMap::new(), known_since: millis(now) };
        Self { max, hashes: RandomState::new(), record: Mutex::new(record), refusals: Throttle::default() }
    }

    /// Returns the hash of the account of a token.
    pub(super) fn account(&self, token: Option<&AccessToken>) -> u64 {
        self.hashes.hash_one(Account::of(token))
    }
}

/// An opened state, which can be redeemed once.
pub(super) struct Ticket {
    pub(super) record: Arc<UsedStates>,
    /// The link to other instances, which may use the state, too.
    pub(super) link: Option<Arc<Link>>,
    /// The hash of the account, which has a share of the record.
    pub(super) account: u64,
    /// The digest of the sealed text.
    pub(super) state: String,
    /// The time of sealing, in milliseconds since 1970.
    pub(super) sealed: u64,
    pub(super) lifetime: Duration,
}

/// The outcome of redeeming a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Use {
    /// The first use, and the last one that is accepted.
    First,
    /// A repeated use.
    Again,
    /// A use that may be a repeated one, of a state older than the record.
    Unknown,
    /// A use that may be a repeated one at another instance, because the engine is unavailable.
    Undecided,
}

impl Ticket {
    /// Redeems the state, over all instances if there are several.
    ///
    /// # Errors
    /// The record is full: an unrecorded use could be repeated.
    pub(super) async fn redeem(&self, now: SystemTime) -> Result<Use, Error> {
        let used = self.redeem_here(now)?;
        let Some(link) = self.link.as_ref().filter(|_| used != Use::Again) else { return Ok(used) };
        let name = RecordName { kind: "used state", key: self.state.as_bytes() };
        let age = Duration::from_millis(millis(now).saturating_sub(self.sealed));
        // Boxed, because most questions can be answered twice, and all would have to reserve its size.
        match Box::pin(link.use_once(name, self.lifetime.saturating_sub(age))).await {
            Ok(true) => Ok(Use::First),
            Ok(false) => Ok(Use::Again),
            Err(Unavailable) => {
                // The request may come again, and the engine decides then.
                locked(&self.record.record).remove(&(self.sealed, self.state.clone()));
                Ok(Use::Undecided)
            }
        }
    }

    /// Redeems the state at this instance.
    fn redeem_here(&self, now: SystemTime) -> Result<Use, Error> {
        self.record_use(self.state.clone(), now).ok_or_else(|| {
            if let Some(suppressed) = self.record.refusals.pass() {
                tracing::warn!(
                    suppressed,
                    "refused an answer that is good once; `limits.state.used` allows more of them"
                );
            }
            Error::internal("Too many answers that are good once were used; try again later")
        })
    }

    /// Returns `true` if no request had the state before, apart from its answers.
    pub(super) fn begin_round(&self, now: SystemTime) -> bool {
        // The digest of a state has no space.
        self.record_use(format!("round {}", self.state), now) == Some(Use::First)
    }

    /// Records a use of the state. Returns `None` if the record is full.
    fn record_use(&self, state: String, now: SystemTime) -> Option<Use> {
        let mut record = locked(&self.record.record);
        record.evict(now, self.lifetime);
        let state = (self.sealed, state);
        if record.used.contains_key(&state) {
            return Some(Use::Again);
        }
        if self.sealed < record.known_since {
            return Some(Use::Unknown);
        }
        let max = self.record.max;
        let share = record.shares.get(&self.account).copied().unwrap_or_default();
        if share >= max.div_ceil(SHARE) || record.used.len() >= max {
            return None;
        }
        record.shares.insert(self.account, share + 1);
        record.used.insert(state, self.account);
        Some(Use::First)
    }
}

impl UseRecord {
    /// Evicts expired states. If the clock is set back, `known_since` still covers them.
    fn evict(&mut self, now: SystemTime, lifetime: Duration) {
        let expired = millis(now).saturating_sub(lifetime.as_millis().try_into().unwrap_or(u64::MAX));
        while let Some((first, _)) = self.used.first_key_value()
            && first.0 < expired
        {
            let first = first.clone();
            self.known_since = self.known_since.max(first.0 + 1);
            self.remove(&first);
        }
    }

    /// Removes a use from the record, and from the share of its account.
    fn remove(&mut self, state: &(u64, String)) {
        if let Some(account) = self.used.remove(state)
            && let Some(share) = self.shares.get_mut(&account)
        {
            *share -= 1;
            if *share == 0 {
                self.shares.remove(&account);
            }
        }
    }
}

/// Converts a time to milliseconds since 1970.
pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(600);

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn record(max: usize) -> Arc<UsedStates> {
        Arc::new(UsedStates::new(max, at(1000)))
    }

    fn ticket(record: &Arc<UsedStates>, client: &'static str, state: &str, sealed: u64) -> Ticket {
        Ticket {
            record: Arc::clone(record),
            link: None,
            account: record.account(Some(&AccessToken::ours(client))),
            state: state.to_owned(),
            sealed: sealed * 1000,
            lifetime: LIFETIME,
        }
    }

    #[test]
    fn a_state_is_used_once() {
        let record = record(100);
        let redeem = |state, sealed, now| ticket(&record, "alice", state, sealed).redeem_here(at(now)).expect("room");
        assert_eq!(redeem("a", 1000, 1001), Use::First);
        assert_eq!(redeem("a", 1000, 1599), Use::Again);
        assert_eq!(redeem("b", 1000, 1599), Use::First);
        assert_eq!(redeem("c", 999, 1599), Use::Unknown, "sealed before the record began");
    }

    #[test]
    fn what_was_forgotten_is_not_used_again_when_the_clock_is_set_back() {
        let record = record(100);
        let redeem = |state, sealed, now| ticket(&record, "alice", state, sealed).redeem_here(at(now)).expect("room");
        assert_eq!(redeem("a", 1100, 1101), Use::First);
        assert_eq!(redeem("b", 9000, 9001), Use::First);
        assert_eq!(locked(&record.record).used.len(), 1);
        assert_eq!(redeem("a", 1100, 1102), Use::Unknown);
        assert_eq!(redeem("c", 1101, 1102), Use::First);
    }

    #[test]
    fn a_full_record_refuses_and_nobody_fills_it_for_others() {
        let record = record(8);
        let redeem = |client, state, now| ticket(&record, client, state, 1000).redeem_here(at(now));
        for state in ["a", "b"] {
            assert_eq!(redeem("alice", state, 1001).expect("room"), Use::First);
        }
        let error = redeem("alice", "c", 1001).expect_err("no room");
        assert_eq!(error.message(), "Too many answers that are good once were used; try again later");
        assert_eq!(redeem("alice", "a", 1001).expect("known"), Use::Again);
        for (client, states) in [("bob", ["d", "e"]), ("carol", ["f", "g"]), ("dave", ["h", "i"])] {
            for state in states {
                assert_eq!(redeem(client, state, 1001).expect("room"), Use::First);
            }
        }
        assert!(redeem("eve", "j", 1001).is_err(), "all of it");
        let later = ticket(&record, "alice", "k", 1601);
        assert_eq!(later.redeem_here(at(1601)).expect("room"), Use::First, "older ones have expired");
        assert_eq!(locked(&record.record).shares.len(), 1);
    }
}
