//! The answers and cancellations of clients, for whichever instance asked or runs.

use std::borrow::Cow;

use ring::digest::{SHA256, digest};
use serde_json::value::RawValue;

use super::address::QuestionAddress;
use super::live::{SessionGuard, Sessions};
use crate::auth::TokenDigest;
use crate::backplane::requests::Patience;
use crate::backplane::topic::Topic;
use crate::protocol::error::Error;
use crate::protocol::message::{RequestId, Response};
use crate::server::unknown_question;
use crate::transport::session::messages::{
    AnswerOutcome, AnswerReply, SessionKey, SessionMessage, SessionQuery, decode, encode,
};

impl SessionGuard {
    /// Cancels a request of the session, here or at the instance that runs it.
    pub(super) fn cancel(&self, id: RequestId<'_>) {
        if !self.live.cancel(id.as_json())
            && let (Some(link), Ok(id)) = (&self.sessions.link, RawValue::from_string(id.as_json().to_owned()))
        {
            link.hint(Topic::Sessions, &encode(&SessionMessage::Cancelled { session: SessionKey(self.key), id }));
        }
    }

    /// Delivers an answer to its question, here or at the instance that asked.
    ///
    /// # Errors
    /// No question with this id is open, or it is unknown if the other instance took the answer.
    pub(super) async fn take_answer(&self, answer: &Response<'_>) -> Result<(), Error> {
        let Some(link) = &self.sessions.link else { return self.live.questions.resolve(answer) };
        let id = answer.id.and_then(|id| serde_json::from_str::<Cow<'_, str>>(id.as_json()).ok());
        let address = id.and_then(|id| QuestionAddress::open(link, self.key, &id));
        let QuestionAddress { owner, number } = address.ok_or_else(unknown_question)?;
        let outcome = AnswerOutcome::of(&answer.outcome);
        if owner == link.envelopes().own() {
            return self.sessions.deliver(self.key, number, outcome);
        }
        let query = encode(&SessionQuery::Answer { session: SessionKey(self.key), question: number, outcome });
        // What an instance took that is gone cannot be known any more.
        let reply = match link.is_gone(owner) {
            true => None,
            false => link.ask(owner, Topic::Sessions, &query, Patience::default()).await.ok(),
        };
        match reply.and_then(|reply| decode::<AnswerReply>(&reply)) {
            Some(reply) => reply.into(),
            None => {
                let message = "It is not known if the answer was taken; send the same answer again";
                Err(Error::overloaded(message))
            }
        }
    }
}

impl Sessions {
    /// Delivers an answer to a question of this instance.
    ///
    /// # Errors
    /// No question with this number is open.
    pub(super) fn deliver(&self, session: TokenDigest, question: u64, outcome: AnswerOutcome) -> Result<(), Error> {
        let digest = digest_of(&outcome);
        self.taken_answers.take((session, question), digest, || {
            let state = self.find(&session).ok_or_else(unknown_question)?;
            state.live.questions.deliver(question, outcome.into())
        })
    }
}

/// Returns the digest by which a repeated answer is recognized.
fn digest_of(outcome: &AnswerOutcome) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &encode(outcome)).as_ref());
    bytes
}
