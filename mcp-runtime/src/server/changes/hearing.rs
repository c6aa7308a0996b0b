//! The decision, before each announcement, that its subscriber may read the resource that changed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::subscriptions::Change;

/// Decides about the URI of a resource that changed.
pub(crate) type MayHearOf = Box<dyn Fn(&Arc<str>) -> MayHear + Send + Sync>;

/// A decision, or the question to the guards of a resource.
pub(crate) enum MayHear {
    Now(bool),
    Asked(Decision),
}

/// A decision that takes time.
type Decision = Pin<Box<dyn Future<Output = bool> + Send>>;

/// The changes that a subscriber may hear of.
///
/// A stream that waits for a decision delays its own later changes, and no other stream.
pub(crate) struct Hearing {
    may_hear: MayHearOf,
    /// The change that is being decided about.
    asked: Option<(Change, Decision)>,
}

impl Hearing {
    pub(crate) fn new(may_hear: MayHearOf) -> Self {
        Self { may_hear, asked: None }
    }

    /// Polls for the next change that the subscriber may hear of. `next` polls for any change.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        mut next: impl FnMut(&mut Context<'_>) -> Poll<Option<Change>>,
    ) -> Poll<Option<Change>> {
        loop {
            if let Some((_, decision)) = &mut self.asked {
                let may_hear = ready!(decision.as_mut().poll(cx));
                if let Some((change, _)) = self.asked.take().filter(|_| may_hear) {
                    return Poll::Ready(Some(change));
                }
            }
            let change = ready!(next(cx));
            let Some(Change::Resource(uri)) = &change else { return Poll::Ready(change) };
            match (self.may_hear)(uri) {
                MayHear::Now(true) => return Poll::Ready(change),
                MayHear::Now(false) => {}
                MayHear::Asked(decision) => self.asked = change.map(|change| (change, decision)),
            }
        }
    }

    /// Takes the change that nobody has decided about yet.
    pub(crate) fn take_undecided(&mut self) -> Option<Change> {
        self.asked.take().map(|(change, _)| change)
    }
}
