//! The session of a client before 2026-07-28, in three parts with a place each.

mod handshake;
mod live;
pub(super) mod messages;
mod preferences;
mod record;

use std::sync::Arc;

pub(super) use self::handshake::Handshake;
pub(super) use self::live::Live;
pub(super) use self::preferences::Preferences;
pub(super) use self::record::SessionRecord;
use crate::server::Caller;

/// A session, as a view of its parts.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) handshake: &'a Handshake,
    pub(super) preferences: &'a Preferences,
    pub(super) live: &'a Live,
}

impl Session<'_> {
    /// Adds the client of this session to a caller.
    pub(super) fn identify(&self, caller: &mut Caller) {
        caller.client = Some(self.handshake.client.clone());
        caller.log_level = self.preferences.log_level();
        caller.questions = Some(Arc::clone(&self.live.questions));
    }
}
