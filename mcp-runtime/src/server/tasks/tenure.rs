//! Tenures: the times in which an instance runs tasks, as the others know them.
//!
//! An instance renews the record of its tenure. Once the record has expired, the first one to replace it decides: the
//! instance itself, which goes on, or another one, which declares the tenure over. Only one of them can, because a record
//! is created once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::backplane::Unavailable;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;

/// The time for which an instance may be silent. Beyond it, its tasks fail.
pub(super) const LEASE: Duration = Duration::from_secs(6);

/// The time between two renewals.
pub(super) const RENEWAL: Duration = Duration::from_secs(2);

/// The content of the record of a tenure.
#[derive(Serialize, Deserialize)]
enum TenureState {
    Alive,
    Over,
}

/// The outcome of a renewal.
pub(super) enum Renewal {
    /// The tenure goes on.
    Renewed,
    /// The tenure goes on, though its record was gone. Those of its tasks may be gone as well.
    Restored,
    /// Another instance declared the tenure over.
    Over,
}

/// Begins or renews a tenure.
pub(super) async fn renew(link: &Link, tenure: &str) -> Result<Renewal, Unavailable> {
    let mut renewal = Renewal::Renewed;
    let renewed = link.records().update(name(tenure), LEASE, |found| {
        renewal = match found {
            Some(TenureState::Over) => Renewal::Over,
            Some(TenureState::Alive) => Renewal::Renewed,
            None => Renewal::Restored,
        };
        (!matches!(renewal, Renewal::Over)).then_some(TenureState::Alive)
    });
    renewed.await?;
    Ok(renewal)
}

/// Returns `true` if a tenure is over, and declares it so if its instance is silent for too long.
///
/// The silence of the engine is not that of the instance: an instance that did not reach the engine all the time cannot
/// tell them apart, and declares nothing. The record lasts for `lifetime`, longer than any task of the tenure.
pub(super) async fn is_over(link: &Link, tenure: &str, lifetime: Duration) -> Result<bool, Unavailable> {
    let may_declare = link.available_for() >= LEASE;
    let mut is_over = false;
    let declared = link.records().update(name(tenure), lifetime, |found| {
        let is_silent = found.is_none() && may_declare;
        is_over = is_silent || matches!(found, Some(TenureState::Over));
        is_silent.then_some(TenureState::Over)
    });
    declared.await?;
    Ok(is_over)
}

fn name(tenure: &str) -> RecordName<'_> {
    RecordName { kind: "tenure", key: tenure.as_bytes() }
}
