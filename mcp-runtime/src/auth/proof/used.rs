//! The proofs that were used: each is valid once (RFC 9449 §11.1).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::digest::{Context, SHA256};

use super::parsed::Proof;
use crate::auth::{AccessToken, Account};
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::budget::{AccountKey, AccountPool, Permit};
use crate::lock::locked;

/// The time whose proofs are forgotten together, in seconds.
const PERIOD: u64 = 60;

/// The charge of a proof, which is that of a digest in a hash table that grows.
const PROOF_BYTES: usize = 48;

/// The charge of an account in a period.
const ACCOUNT_BYTES: usize = 128;

/// The digest of a key and the `jti` of a proof.
type ProofId = [u8; 16];

/// The used proofs that could be used again.
///
/// Only digests are kept, and no longer than their proofs are fresh. Accounts share the room. A full record refuses
/// proofs, because an unrecorded one could be used again.
pub(super) struct UsedProofs {
    periods: Mutex<Periods>,
    pool: AccountPool,
    /// The link to other instances, which use each proof once together.
    link: Option<Arc<Link>>,
}

/// The used proofs by the period in which they stop being fresh.
#[derive(Default)]
struct Periods {
    by_end: BTreeMap<u64, Period>,
    /// The last period that was forgotten. Its proofs stay used, even if the clock is set back.
    forgotten: Option<u64>,
}

#[derive(Default)]
struct Period {
    used: HashSet<ProofId>,
    permits: HashMap<AccountKey, Permit>,
}

/// The outcome of recording the use of a proof.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Use {
    First,
    Again,
    /// The proof may have been used before, for a reason that is the operator's.
    Unknown(&'static str),
}

impl UsedProofs {
    /// Creates an empty record of so many bytes.
    pub(super) fn new(bytes: usize, link: Option<Arc<Link>>) -> Self {
        Self {
            periods: Mutex::default(),
            pool: AccountPool::new("used proofs", "limits.proofs.used_bytes", bytes),
            link,
        }
    }

    /// Records the use of a proof that is fresh for `age` before and after its `iat`.
    pub(super) async fn record(&self, proof: &Proof, now: SystemTime, age: Duration, token: &AccessToken) -> Use {
        // Two seconds, for the fractions of both.
        let (id, end) = (id_of(proof), seconds(proof.issued_at).saturating_add(age.as_secs()).saturating_add(2));
        let account = self.pool.key(Account::of(Some(token)));
        let used_here = locked(&self.periods).record(id, end, seconds(now), || self.pool.empty(account));
        match (used_here, &self.link) {
            (Use::First, Some(link)) => use_at_all(link, &id, age).await,
            (used, _) => used,
        }
    }
}

/// Records the first use at this instance for all of them.
async fn use_at_all(link: &Link, id: &ProofId, age: Duration) -> Use {
    let name = RecordName { kind: "proof", key: id };
    // A proof can be made for a time ahead.
    let lifetime = age.saturating_mul(2);
    match link.use_once(name, lifetime).await {
        Ok(true) => Use::First,
        Ok(false) => Use::Again,
        Err(_) => Use::Unknown("the engine between the instances is down, so a proof could be used at two of them"),
    }
}

impl Periods {
    fn record(&mut self, id: ProofId, end: u64, now: u64, permit: impl FnOnce() -> Permit) -> Use {
        while let Some(first) = self.by_end.first_entry()
            && (first.key() + 1) * PERIOD <= now
        {
            self.forgotten = self.forgotten.max(Some(first.remove_entry().0));
        }
        let key = end / PERIOD;
        if Some(key) <= self.forgotten {
            return Use::Again;
        }
        let period = self.by_end.entry(key).or_default();
        if period.used.contains(&id) {
            return Use::Again;
        }
        let permit = permit();
        let Some(account) = permit.account() else { return Use::Unknown("the proof has no account") };
        let held = period.permits.entry(account).or_insert(permit);
        let charge = if held.amount() == 0 { PROOF_BYTES + ACCOUNT_BYTES } else { PROOF_BYTES };
        if let Err(reason) = held.grow(charge) {
            held.pool().refuse(reason);
            return Use::Unknown("too many proofs were used; `limits.proofs.used_bytes` allows more");
        }
        period.used.insert(id);
        Use::First
    }
}

fn id_of(proof: &Proof) -> ProofId {
    let mut digest = Context::new(&SHA256);
    digest.update(proof.thumbprint.bytes());
    digest.update(proof.id.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.finish().as_ref()[..16]);
    id
}

/// Converts a time to seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: u64 = 300;

    fn id(number: u32) -> ProofId {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        id
    }

    /// Records a proof of an account.
    fn record(periods: &mut Periods, pool: &AccountPool, account: &str, number: u32, issued_at: u64, now: u64) -> Use {
        periods.record(id(number), issued_at + AGE, now, || pool.empty(pool.key(account)))
    }

    #[test]
    fn a_proof_is_used_once_while_it_is_fresh() {
        let pool = AccountPool::new("proofs", "setting", 1 << 20);
        let mut periods = Periods::default();
        assert_eq!(record(&mut periods, &pool, "a", 1, 1000, 1000), Use::First);
        assert_eq!(record(&mut periods, &pool, "a", 1, 1000, 1000 + AGE), Use::Again);
        assert_eq!(record(&mut periods, &pool, "b", 2, 1000 + AGE, 1000), Use::First, "made for a time ahead");
        assert_eq!(record(&mut periods, &pool, "b", 2, 1000 + AGE, 1000 + 2 * AGE), Use::Again);
    }

    #[test]
    fn what_was_forgotten_is_not_used_again_when_the_clock_is_set_back() {
        let pool = AccountPool::new("proofs", "setting", 1 << 20);
        let mut periods = Periods::default();
        assert_eq!(record(&mut periods, &pool, "a", 1, 1000, 1000), Use::First);
        assert_eq!(record(&mut periods, &pool, "a", 2, 9000, 9000), Use::First);
        assert_eq!(periods.by_end.len(), 1);
        assert_eq!(record(&mut periods, &pool, "a", 1, 1000, 1001), Use::Again);
    }

    #[test]
    fn a_full_record_refuses_and_nobody_fills_it_for_others() {
        let pool = AccountPool::new("proofs", "setting", 100 * PROOF_BYTES);
        let mut periods = Periods::default();
        let is_full = |used: Use| matches!(used, Use::Unknown(_));
        let count =
            (0..1000).take_while(|number| record(&mut periods, &pool, "a", *number, 1000, 1000) == Use::First).count();
        assert!((40..60).contains(&count), "{count}");
        assert!(is_full(record(&mut periods, &pool, "a", 999, 1000, 1000)));
        assert_eq!(record(&mut periods, &pool, "b", 2000, 1000, 1000), Use::First);
        assert_eq!(record(&mut periods, &pool, "a", 3000, 2000, 2000), Use::First, "older ones have been forgotten");
    }
}
