//! A pool with the keys of its accounts, for a part of the server that has no budget.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::Arc;

use super::{AccountKey, Permit, Pool};

/// A pool with the hash function of its accounts.
#[derive(Debug)]
pub(crate) struct AccountPool {
    pool: Arc<Pool>,
    /// The hash function, with secret keys. An equal hash of two accounts cannot be provoked.
    hashes: RandomState,
}

impl AccountPool {
    /// Creates a pool of `units`, whose `limit` is a field of the limits.
    pub(crate) fn new(units: &'static str, setting: &'static str, limit: usize) -> Self {
        let pool = Pool::new(units, setting);
        pool.set_limit(limit);
        Self { pool, hashes: RandomState::new() }
    }

    /// Returns the key of an account.
    pub(crate) fn key(&self, account: impl Hash) -> AccountKey {
        AccountKey(self.hashes.hash_one(account))
    }

    /// Returns a permit for nothing, which can grow.
    pub(crate) fn empty(&self, account: AccountKey) -> Permit {
        self.pool.empty(Some(account))
    }
}
