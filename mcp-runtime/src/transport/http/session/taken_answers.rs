//! The answers that this instance took lately.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::auth::TokenDigest;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::server::unknown_question;

/// Limits the answers that are remembered. Beyond it, the oldest is forgotten.
const MAX_TAKEN: usize = 65_536;

/// A question: its session, and its number in it.
pub(super) type QuestionKey = (TokenDigest, u64);

/// The memory of answers that were taken, so that each is taken once, however often it arrives.
///
/// A client that cannot know if its answer was taken sends it again. The repetition is taken, too, and has no effect. A
/// different answer to the same question is refused.
#[derive(Debug)]
pub(super) struct TakenAnswers {
    /// The time for which an answer is remembered.
    lifetime: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    digests: HashMap<QuestionKey, [u8; 32]>,
    /// The questions by the time of their answer, oldest first.
    order: VecDeque<(Instant, QuestionKey)>,
}

impl TakenAnswers {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { lifetime, state: Mutex::default() }
    }

    /// Takes an answer by its digest. `deliver` hands it to the question, unless the same answer was taken before.
    pub(super) fn take(
        &self,
        question: QuestionKey,
        digest: [u8; 32],
        deliver: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut state = locked(&self.state);
        state.expire(self.lifetime);
        if let Some(taken) = state.digests.get(&question) {
            return if *taken == digest { Ok(()) } else { Err(unknown_question()) };
        }
        // Under the lock, so that the same answer at the same moment is a repetition.
        deliver()?;
        state.digests.insert(question, digest);
        state.order.push_back((Instant::now(), question));
        Ok(())
    }
}

impl State {
    fn expire(&mut self, lifetime: Duration) {
        while let Some((time, question)) = self.order.front()
            && (time.elapsed() >= lifetime || self.order.len() >= MAX_TAKEN)
        {
            self.digests.remove(question);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_taken_once_and_a_repetition_has_the_same_outcome() {
        let lifetime = Duration::from_secs(60);
        let (taken, question) = (TakenAnswers::new(lifetime), (TokenDigest::of("session"), 7));
        let again = || -> Result<(), Error> { panic!("it was taken before") };
        assert!(taken.take(question, [1; 32], || Err(unknown_question())).is_err());
        assert!(taken.take(question, [1; 32], || Ok(())).is_ok());
        assert!(taken.take(question, [1; 32], again).is_ok());
        assert!(taken.take(question, [2; 32], again).is_err());
        assert!(taken.take((TokenDigest::of("other"), 7), [2; 32], || Ok(())).is_ok());
        tokio::time::advance(lifetime).await;
        assert!(taken.take(question, [1; 32], || Err(unknown_question())).is_err(), "forgotten");
        assert_eq!(locked(&taken.state).digests.len(), 0);
    }
}
