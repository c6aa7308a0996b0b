//! Ids that name the instance of a question or a stream, sealed for their session.

use std::sync::Arc;

use crate::auth::TokenDigest;
use crate::backplane::envelope::InstanceName;
use crate::backplane::link::Link;

/// The ids of streams, which name their instance.
pub(super) struct StreamAddress;

impl StreamAddress {
    /// Returns the name of a new stream of this instance.
    pub(super) fn seal(link: &Link, session: TokenDigest, number: u64) -> String {
        link.envelopes().seal_text(&Self::purpose(session), &number.to_be_bytes())
    }

    /// Returns the instance of a stream, if its name is one of the session.
    pub(super) fn owner(link: &Link, session: TokenDigest, name: &str) -> Option<InstanceName> {
        link.envelopes().open_text(&Self::purpose(session), name).map(|(owner, _)| owner)
    }

    fn purpose(session: TokenDigest) -> String {
        format!("stream of the session {session}")
    }
}

/// The address of a question: the instance that asked, and the number of the question there.
pub(super) struct QuestionAddress {
    pub(super) owner: InstanceName,
    pub(super) number: u64,
}

impl QuestionAddress {
    /// Returns the function that makes the ids of the questions in a session of this instance.
    pub(super) fn sealer(link: &Arc<Link>, session: TokenDigest) -> Box<dyn Fn(u64) -> String + Send + Sync> {
        let (link, purpose) = (Arc::clone(link), Self::purpose(session));
        Box::new(move |number| link.envelopes().seal_text(&purpose, &number.to_be_bytes()))
    }

    /// Opens an id, if it is one of a question in the session.
    pub(super) fn open(link: &Link, session: TokenDigest, id: &str) -> Option<Self> {
        let (owner, number) = link.envelopes().open_text(&Self::purpose(session), id)?;
        Some(Self { owner, number: u64::from_be_bytes(number.try_into().ok()?) })
    }

    fn purpose(session: TokenDigest) -> String {
        format!("question of the session {session}")
    }
}
