//! The names of tools that are known at run time only, kept for as long as the program runs.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::lock::locked;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// Returns the name as one of the program's own, because those of all other items are literals.
///
/// Returns `None` for a new name beyond `max`. A name is kept once, however often tools have it.
pub(super) fn interned(name: &str, max: usize) -> Option<&'static str> {
    let mut names = locked(&NAMES);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= max {
        return None;
    }
    let name: &'static str = Box::leak(name.into());
    names.insert(name);
    Some(name)
}
