//! The sessions that their clients ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::id::SessionId;
use crate::auth::TokenDigest;
use crate::budget::{AccountKey, Permit, Pool};

/// The tolerated step back of the clock, in seconds, without reviving sessions that their clients ended.
const CLOCK_STEP: u64 = 60;

/// The sessions that their clients ended, until their expiry.
///
/// Beyond the limit, the first to expire is forgotten, of whoever has most.
pub(super) struct EndedSessions {
    places: Arc<Pool>,
    /// The places by the expiry and the key of a session.
    sessions: BTreeMap<(u64, TokenDigest), Permit>,
    /// These sessions by account, of which the first is the first to be forgotten.
    by_account: BTreeSet<(Option<AccountKey>, u64, TokenDigest)>,
}

impl EndedSessions {
    pub(super) fn new(places: Arc<Pool>) -> Self {
        Self { places, sessions: BTreeMap::new(), by_account: BTreeSet::new() }
    }

    pub(super) fn contains(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(&(session.expiry, session.key))
    }

    /// Adds a session of an account, and forgets those that have expired.
    pub(super) fn insert(&mut self, key: TokenDigest, expiry: u64, account: Option<AccountKey>, now: u64) {
        while let Some((&(expiry, key), _)) = self.sessions.first_key_value()
            && expiry.saturating_add(CLOCK_STEP) < now
        {
            self.remove(expiry, key);
        }
        if self.sessions.contains_key(&(expiry, key)) {
            return;
        }
        let places = Arc::clone(&self.places);
        if let Ok(place) = places.take_or_evict(account, 1, |account| self.evict(account)) {
            self.sessions.insert((expiry, key), place);
            self.by_account.insert((account, expiry, key));
        }
    }

    /// Forgets a session of an account. Returns `false` if it has none.
    fn evict(&mut self, account: Option<AccountKey>) -> bool {
        let first = self.by_account.range((account, 0, TokenDigest::FIRST)..).next().copied();
        let Some((_, expiry, key)) = first.filter(|(owner, ..)| *owner == account) else { return false };
        self.remove(expiry, key);
        true
    }

    fn remove(&mut self, expiry: u64, key: TokenDigest) {
        if let Some(place) = self.sessions.remove(&(expiry, key)) {
            self.by_account.remove(&(place.account(), expiry, key));
        }
    }
}
