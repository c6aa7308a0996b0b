//! A limit that accounts share: permits in bytes or in items, on two levels.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::lock::locked;
use crate::throttle::Throttle;

/// The key of an account: a hash with secret keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountKey(pub(super) u64);

/// A limit for all accounts together, in bytes or in items.
///
/// An account never holds more than what is free for everybody (a dynamic threshold). Alone, it can therefore use half;
/// beside four accounts that take what they get, a further one still gets a tenth. Callers without an account have the
/// limit for all of them only. An account is known as long as it holds a permit, so that nothing has to be evicted.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The noun for the units, such as `open streams`.
    units: &'static str,
    /// The setting of the limit.
    setting: &'static str,
    state: Mutex<PoolState>,
    warnings: Throttle,
}

#[derive(Debug, Default)]
struct PoolState {
    limit: usize,
    used: usize,
    accounts: HashMap<AccountKey, usize>,
}

/// The reason for which a permit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// The account holds its share.
    Share,
    /// The limit for all accounts is reached.
    Limit,
}

impl Pool {
    /// Creates an empty pool of `units`, whose limit is a field of the limits.
    pub(super) fn new(units: &'static str, setting: &'static str) -> Arc<Self> {
        Arc::new(Self { units, setting, state: Mutex::default(), warnings: Throttle::default() })
    }

    /// Replaces the limit. Permits that exceed it stay.
    pub(crate) fn set_limit(&self, limit: usize) {
        locked(&self.state).limit = limit;
    }

    /// Returns a permit for nothing, which can [grow](Permit::grow).
    pub(crate) fn empty(self: &Arc<Self>, account: Option<AccountKey>) -> Permit {
        Permit { pool: Arc::clone(self), account, amount: 0 }
    }

    /// Takes a permit.
    pub(crate) fn take(self: &Arc<Self>, account: Option<AccountKey>, amount: usize) -> Result<Permit, Exhausted> {
        let mut permit = self.empty(account);
        permit.grow(amount)?;
        Ok(permit)
    }

    /// Takes a permit, for which others are evicted. The error is the message of the refusal.
    ///
    /// An account beyond its share loses one of its own. Otherwise, whoever has most loses one. `evict` drops a permit of
    /// an account, and returns `true` if there was one to drop.
    pub(crate) fn take_or_evict(
        self: &Arc<Self>,
        account: Option<AccountKey>,
        amount: usize,
        mut evict: impl FnMut(Option<AccountKey>) -> bool,
    ) -> Result<Permit, String> {
        loop {
            let reason = match self.take(account, amount) {
                Ok(permit) => return Ok(permit),
                Err(reason) => reason,
            };
            let evicted = match reason {
                Exhausted::Share => evict(account),
                Exhausted::Limit => evict(self.largest()) || evict(account),
            };
            if !evicted {
                return Err(self.refuse(reason));
            }
        }
    }

    /// Returns the account that holds most, or none if the callers without an account do.
    pub(crate) fn largest(&self) -> Option<AccountKey> {
        let state = locked(&self.state);
        let all: usize = state.accounts.values().sum();
        let (account, held) = state.accounts.iter().max_by_key(|(_, held)| **held)?;
        (*held >= state.used.saturating_sub(all)).then_some(*account)
    }

    /// Logs a refusal, and returns the message for its client.
    pub(crate) fn refuse(&self, reason: Exhausted) -> String {
        let Self { units, setting, .. } = self;
        if let Some(suppressed) = self.warnings.pass() {
            match reason {
                Exhausted::Share => {
                    tracing::warn!(setting, suppressed, "refused a client: its account has its share of the {units}");
                }
                Exhausted::Limit => tracing::warn!(setting, suppressed, "refused a client: there are too many {units}"),
            }
        }
        format!("There are too many {units}; try again later")
    }
}

impl PoolState {
    /// Checks that an account may hold so much more.
    fn admit(&self, account: Option<AccountKey>, amount: usize) -> Result<(), Exhausted> {
        let free = self.limit.saturating_sub(self.used);
        if amount > free {
            return Err(Exhausted::Limit);
        }
        let Some(account) = account else { return Ok(()) };
        let held = self.accounts.get(&account).copied().unwrap_or_default().saturating_add(amount);
        // The last unit does not count, so that there is one for each account at first.
        let free = (free - amount).saturating_add(1);
        if held > free { Err(Exhausted::Share) } else { Ok(()) }
    }

    fn add(&mut self, account: Option<AccountKey>, amount: usize) {
        self.used = self.used.saturating_add(amount);
        if let Some(account) = account
            && amount > 0
        {
            let held = self.accounts.entry(account).or_default();
            *held = held.saturating_add(amount);
        }
    }

    fn subtract(&mut self, account: Option<AccountKey>, amount: usize) {
        self.used = self.used.saturating_sub(amount);
        if let Some(account) = account
            && let Some(held) = self.accounts.get_mut(&account)
        {
            *held = held.saturating_sub(amount);
            if *held == 0 {
                self.accounts.remove(&account);
            }
        }
    }
}

/// The right to a part of a [`Pool`], which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    pool: Arc<Pool>,
    account: Option<AccountKey>,
    amount: usize,
}

impl Permit {
    /// Adds to the permit.
    pub(crate) fn grow(&mut self, amount: usize) -> Result<(), Exhausted> {
        let mut state = locked(&self.pool.state);
        state.admit(self.account, amount)?;
        state.add(self.account, amount);
        self.amount += amount;
        Ok(())
    }

    /// Adds to the permit until it is for so much.
    pub(crate) fn grow_to(&mut self, amount: usize) -> Result<(), Exhausted> {
        self.grow(amount.saturating_sub(self.amount))
    }

    /// Returns a part of the permit.
    pub(crate) fn shrink(&mut self, amount: usize) {
        let amount = amount.min(self.amount);
        locked(&self.pool.state).subtract(self.account, amount);
        self.amount -= amount;
    }

    /// Returns another permit of the same account from the same pool, at first for nothing.
    pub(crate) fn empty(&self) -> Self {
        self.pool.empty(self.account)
    }

    /// Returns the pool.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Returns the amount of the permit.
    pub(crate) fn amount(&self) -> usize {
        self.amount
    }

    /// Returns the account that holds the permit.
    pub(crate) fn account(&self) -> Option<AccountKey> {
        self.account
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.amount > 0 {
            locked(&self.pool.state).subtract(self.account, self.amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Option<AccountKey> = Some(AccountKey(1));

    fn pool(limit: usize) -> Arc<Pool> {
        let pool = Pool::new("units", "limits.units");
        pool.set_limit(limit);
        pool
    }

    /// Takes one at a time until none is left.
    fn take_all(pool: &Arc<Pool>, account: Option<AccountKey>) -> Vec<Permit> {
        std::iter::from_fn(|| pool.take(account, 1).ok()).collect()
    }

    #[test]
    fn nobody_holds_more_than_what_is_free_for_everybody() {
        for (greedy, each, newcomer) in [(1, 128, 64), (3, 64, 32), (4, 51, 26), (8, 28, 14)] {
            let pool = pool(256);
            let mut permits: Vec<Permit> = Vec::new();
            loop {
                let before = permits.len();
                permits.extend((0..greedy).filter_map(|account| pool.take(Some(AccountKey(account)), 1).ok()));
                if permits.len() == before {
                    break;
                }
            }
            let held = permits.iter().filter(|permit| permit.account == Some(AccountKey(0))).count();
            let last = take_all(&pool, Some(AccountKey(99)));
            assert!(held.abs_diff(each) <= 1 && last.len().abs_diff(newcomer) <= 1, "{greedy}: {held}, {}", last.len());
            drop((permits, last));
            assert!(locked(&pool.state).accounts.is_empty() && locked(&pool.state).used == 0);
        }
    }

    #[test]
    fn the_reason_of_a_refusal_is_the_share_or_the_limit() {
        let pool = pool(4);
        assert_eq!(pool.take(ALICE, 3).map(drop), Err(Exhausted::Share));
        let mut permit = pool.take(ALICE, 2).expect("half of it");
        assert_eq!(permit.grow(1), Err(Exhausted::Share));
        assert_eq!(permit.grow(3), Err(Exhausted::Limit));
        let rest = pool.take(None, 2).expect("a caller without an account has no share");
        assert_eq!(pool.take(None, 1).map(drop), Err(Exhausted::Limit));
        drop((permit, rest));
        assert_eq!(take_all(&pool, None).len(), 4);
        pool.set_limit(usize::MAX);
        assert_eq!(pool.take(None, usize::MAX).map(|permit| permit.amount), Ok(usize::MAX));
        assert_eq!(pool.take(ALICE, usize::MAX / 2).map(|permit| permit.amount), Ok(usize::MAX / 2));
        pool.set_limit(0);
        assert_eq!(pool.take(None, 1).map(drop), Err(Exhausted::Limit));
    }
}
