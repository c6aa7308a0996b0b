//! Which states were used: an answer that is good once needs to know.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::state::millis;
use crate::auth::Principal;
use crate::lock::locked;
use crate::protocol::error::Error;

/// One client gets this part of the record, so that none can fill it for the others.
const SHARE: usize = 4;

/// The states that were used, until they would have expired. The record lives in this process.
pub(crate) struct UsedStates {
    max: usize,
    record: Mutex<Record>,
}

struct Record {
    /// By the time when a state was sealed, in milliseconds since 1970, and its digest.
    used: BTreeMap<(u64, String), Principal>,
    /// The number of states by principal.
    shares: HashMap<Principal, usize>,
    /// The time since which the record is complete: nothing is known about states that were sealed before. It rises
    /// with what is forgotten, and begins with the process, because the last one took its record with it.
    known_since: u64,
}

impl UsedStates {
    /// An empty record with room for so many states.
    pub(super) fn new(max: usize, now: SystemTime) -> Self {
        let record = Record { used: BTreeMap::new(), shares: HashMap::new(), known_since: millis(now) };
        Self { max, record: Mutex::new(record) }
    }
}

/// A state that was opened, and can be used once.
pub(super) struct Ticket {
    pub(super) record: Arc<UsedStates>,
    pub(super) principal: Principal,
    /// The digest of its text.
    pub(super) state: String,
    /// The time of sealing, in milliseconds since 1970.
    pub(super) sealed: u64,
    pub(super) lifetime: Duration,
}

/// The outcome of an attempt to use a state.
#[derive(Debug, PartialEq)]
pub(super) enum Use {
    /// It was not used before, and never will be again.
    First,
    Again,
    /// It may have been used before the record began.
    Unknown,
}

impl Ticket {
    /// Uses the state.
    ///
    /// # Errors
    /// When it can't be recorded that the state was used: then it must not be.
    pub(super) fn redeem(&self, now: SystemTime) -> Result<Use, Error> {
        let mut record = locked(&self.record.record);
        record.forget(now, self.lifetime);
        let state = (self.sealed, self.state.clone());
        if record.used.contains_key(&state) {
            return Ok(Use::Again);
        }
        if self.sealed < record.known_since {
            return Ok(Use::Unknown);
        }
        let max = self.record.max;
        let share = record.shares.get(&self.principal).copied().unwrap_or_default();
        if share >= max.div_ceil(SHARE) || record.used.len() >= max {
            tracing::warn!("refused an answer that is good once; `limits.state.used` allows more of them");
            return Err(Error::internal("Too many answers that are good once were used; try again later"));
        }
        record.shares.insert(self.principal.clone(), share + 1);
        record.used.insert(state, self.principal.clone());
        Ok(Use::First)
    }
}

impl Record {
    /// Forgets what has expired. If the clock is set back, `known_since` stands for it.
    fn forget(&mut self, now: SystemTime, lifetime: Duration) {
        let expired = millis(now).saturating_sub(lifetime.as_millis().try_into().unwrap_or(u64::MAX));
        while let Some(first) = self.used.first_entry()
            && first.key().0 < expired
        {
            let ((sealed, _), principal) = first.remove_entry();
            self.known_since = self.known_since.max(sealed + 1);
            if let Some(share) = self.shares.get_mut(&principal) {
                *share -= 1;
                if *share == 0 {
                    self.shares.remove(&principal);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::auth::AccessToken;

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
            principal: Principal::of(Some(&AccessToken::ours(client))),
            state: state.to_owned(),
            sealed: sealed * 1000,
            lifetime: LIFETIME,
        }
    }

    #[test]
    fn a_state_is_used_once() {
        let record = record(100);
        let redeem = |state, sealed, now| ticket(&record, "alice", state, sealed).redeem(at(now)).expect("room");
        assert_eq!(redeem("a", 1000, 1001), Use::First);
        assert_eq!(redeem("a", 1000, 1599), Use::Again);
        assert_eq!(redeem("b", 1000, 1599), Use::First);
        assert_eq!(redeem("c", 999, 1599), Use::Unknown, "sealed before the record began");
    }

    #[test]
    fn what_was_forgotten_is_not_used_again_when_the_clock_is_set_back() {
        let record = record(100);
        let redeem = |state, sealed, now| ticket(&record, "alice", state, sealed).redeem(at(now)).expect("room");
        assert_eq!(redeem("a", 1100, 1101), Use::First);
        assert_eq!(redeem("b", 9000, 9001), Use::First);
        assert_eq!(locked(&record.record).used.len(), 1);
        assert_eq!(redeem("a", 1100, 1102), Use::Unknown);
        assert_eq!(redeem("c", 1101, 1102), Use::First);
    }

    #[test]
    fn a_full_record_refuses_and_nobody_fills_it_for_others() {
        let record = record(8);
        let redeem = |client, state, now| ticket(&record, client, state, 1000).redeem(at(now));
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
        assert_eq!(later.redeem(at(1601)).expect("room"), Use::First, "older ones have expired");
        assert_eq!(locked(&record.record).shares.len(), 1);
    }
}
