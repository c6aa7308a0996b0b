//! The tools that are disabled, and the part of them that all instances share.

use std::collections::{BTreeMap, HashSet};

/// Tools by name, with `true` for those that are disabled.
pub(super) type ToolSwitches = BTreeMap<String, bool>;

/// The tools of a server that are disabled.
#[derive(Debug, Default)]
pub(super) struct DisabledTools {
    names: HashSet<String>,
    /// The tools that some instance has disabled or enabled. Empty for a server that runs alone.
    shared: ToolSwitches,
    /// The names among these whose change by this instance is not stored yet.
    unstored: HashSet<String>,
}

impl DisabledTools {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Disables or enables a tool. Returns `true` if that changed anything.
    pub(super) fn set(&mut self, name: &str, is_disabled: bool) -> bool {
        if is_disabled { self.names.insert(name.to_owned()) } else { self.names.remove(name) }
    }

    /// Notes that a change applies to all instances.
    pub(super) fn share(&mut self, name: &str, is_disabled: bool) {
        self.shared.insert(name.to_owned(), is_disabled);
        self.unstored.insert(name.to_owned());
    }

    /// Returns `true` if a change of this instance is not stored yet.
    pub(super) fn has_unstored(&self) -> bool {
        !self.unstored.is_empty()
    }

    /// Returns what all instances share, by what is stored and by this instance.
    ///
    /// The changes of this instance come later than what is stored. Everything else counts if the engine has lost it.
    pub(super) fn merged(&self, mut stored: ToolSwitches) -> ToolSwitches {
        for (name, is_disabled) in &self.shared {
            if self.unstored.contains(name) || !stored.contains_key(name) {
                stored.insert(name.clone(), *is_disabled);
            }
        }
        stored
    }

    /// Applies what is stored, except to tools that this instance has changed since. Returns `true` if that changed anything.
    pub(super) fn apply(&mut self, stored: ToolSwitches) -> bool {
        self.unstored.retain(|name| self.shared.get(name) != stored.get(name));
        let mut is_changed = false;
        for (name, is_disabled) in stored {
            if !self.unstored.contains(&name) {
                is_changed |= self.set(&name, is_disabled);
                self.shared.insert(name, is_disabled);
            }
        }
        is_changed
    }

    /// Enables every tool.
    #[cfg(feature = "testing")]
    pub(super) fn clear(&mut self) {
        self.names.clear();
    }
}
