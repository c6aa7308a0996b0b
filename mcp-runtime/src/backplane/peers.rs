//! The numbers of the messages of other instances, by which a lost one is noticed.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::envelope::InstanceName;

/// Limits the silence of an instance. Beyond it, the instance is gone, and its last message may be lost.
pub(super) const SILENCE: Duration = Duration::from_secs(10);

/// The other instances, as far as this one has heard of them.
#[derive(Debug)]
pub(crate) struct Peers {
    by_name: HashMap<InstanceName, Peer>,
    /// The time since which this instance receives without an interruption.
    receiving_since: Instant,
}

#[derive(Debug)]
struct Peer {
    /// The number of its last message.
    last: u64,
    heard: Instant,
}

/// The place of a message among those of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The message follows the one before.
    Next,
    /// Messages before this one are missing.
    AfterGap,
    /// The message came before, or is part of a gap that was noticed.
    Old,
}

impl Default for Peers {
    fn default() -> Self {
        Self { by_name: HashMap::new(), receiving_since: Instant::now() }
    }
}

impl Peers {
    /// Returns `true` if an instance has ended, or was silent for so long that it has.
    pub(crate) fn is_gone(&self, name: InstanceName) -> bool {
        !self.by_name.contains_key(&name) && self.receiving_since.elapsed() >= SILENCE
    }

    /// Returns the number of other instances.
    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    /// Returns the place of a message. The first message of an instance has the number 1.
    pub(crate) fn message(&mut self, sender: InstanceName, number: u64) -> Place {
        let last = self.hear(sender);
        if number <= *last {
            return Place::Old;
        }
        let place = if number == *last + 1 { Place::Next } else { Place::AfterGap };
        *last = number;
        place
    }

    /// Notes the number of the last message of an instance. Returns `true` if messages are missing.
    pub(crate) fn beat(&mut self, sender: InstanceName, number: u64) -> bool {
        let last = self.hear(sender);
        let is_gap = number > *last;
        *last = number.max(*last);
        is_gap
    }

    /// Notes the end of an instance. Returns `true` if messages are missing.
    pub(crate) fn leave(&mut self, sender: InstanceName, number: u64) -> bool {
        let is_gap = self.beat(sender, number);
        self.by_name.remove(&sender);
        is_gap
    }

    /// Forgets silent instances. Returns `true` if there were any, whose last messages may be missing.
    pub(crate) fn expire(&mut self) -> bool {
        let before = self.by_name.len();
        self.by_name.retain(|_, peer| peer.heard.elapsed() < SILENCE);
        self.by_name.len() < before
    }

    /// Begins the silence of each instance anew, because the engine was unavailable.
    pub(crate) fn excuse(&mut self) {
        let now = Instant::now();
        self.receiving_since = now;
        self.by_name.values_mut().for_each(|peer| peer.heard = now);
    }

    /// Returns the number of the last message of an instance, for one that is new: 0.
    fn hear(&mut self, sender: InstanceName) -> &mut u64 {
        let heard = Instant::now();
        let peer = self.by_name.entry(sender).or_insert(Peer { last: 0, heard });
        peer.heard = heard;
        &mut peer.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backplane::envelope::{Envelopes, ReplicaKeys};

    fn name() -> InstanceName {
        Envelopes::new(ReplicaKeys::new([[1; 32]]).expect("a key"), String::new()).own()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_message_is_noticed_once() {
        let (mut peers, sender) = (Peers::default(), name());
        assert_eq!(peers.message(sender, 1), Place::Next);
        assert_eq!(peers.message(sender, 1), Place::Old, "twice");
        assert_eq!(peers.message(sender, 3), Place::AfterGap);
        assert_eq!(peers.message(sender, 2), Place::Old, "late");
        assert_eq!(peers.message(sender, 4), Place::Next);
        assert!(!peers.beat(sender, 4) && !peers.beat(sender, 3));
        assert!(peers.beat(sender, 5), "the last one is missing");
        assert!(!peers.leave(sender, 5));
        assert!(!peers.expire(), "it is gone already");
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_falls_silent_may_have_sent_more() {
        let (mut peers, sender) = (Peers::default(), name());
        assert!(!peers.beat(sender, 0));
        tokio::time::advance(SILENCE / 2).await;
        assert!(!peers.expire());
        tokio::time::advance(SILENCE / 2).await;
        peers.excuse();
        assert!(!peers.expire(), "the engine was silent");
        assert!(!peers.is_gone(sender));
        tokio::time::advance(SILENCE).await;
        assert!(peers.expire() && peers.is_gone(sender));
        peers.excuse();
        assert!(!peers.is_gone(sender), "it may be heard in a moment");
        assert!(peers.beat(sender, 1), "it is back, and has sent something");
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_was_not_heard_before_may_have_sent_more() {
        assert_eq!(Peers::default().message(name(), 2), Place::AfterGap);
        assert!(Peers::default().beat(name(), 1));
    }
}
