//! Questions in rounds (MCP 2026-07-28, "Multi Round-Trip Requests"): a response asks, and the next request answers.

use std::collections::HashMap;
use std::mem;
use std::sync::Mutex;
use std::time::SystemTime;

use tokio::sync::OnceCell;

use super::fingerprint::RequestFingerprint;
use super::request::{InputRequest, InputRequests, KeyedRequest, RawAnswer, RawAnswers, read_answers};
use super::state::{RecordedAnswer, StateRules, Transcript};
use super::used_states::{Ticket, Use};
use crate::backplane::Unavailable;
use crate::json::truncate::truncated;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::params::Params;
use crate::protocol::response::ResultBody;

/// The rounds of a request so far.
pub(crate) struct Rounds {
    fingerprint: RequestFingerprint,
    /// The content of the request's state, if the request has one.
    last: Option<(Transcript, Ticket)>,
    /// The answers in this request. Those to other questions are ignored.
    answers: RawAnswers,
    /// The use of the state, once the method took an answer that is valid once.
    ticket: OnceCell<Use>,
    round: Mutex<Round>,
}

/// The round that this request is.
#[derive(Default)]
struct Round {
    /// The answers that the method used, for the state of the next round.
    used: HashMap<String, RecordedAnswer>,
    /// The unanswered questions, by key.
    open: Vec<(String, InputRequest)>,
    /// Set if the round was not counted against a rate, because it has answers to open questions.
    is_free: bool,
    /// Set once the method took one of these answers.
    has_progress: bool,
    /// Set once the method got an answer that does not fit its question.
    has_invalid_answer: bool,
}

/// The answer to a question.
struct FoundAnswer<'a> {
    answer: &'a RawAnswer,
    /// Set if the answer is in this request and to an open question of the last round.
    is_new: bool,
}

impl Rounds {
    /// Begins the first round.
    pub(crate) fn first(fingerprint: RequestFingerprint) -> Self {
        Self { fingerprint, last: None, answers: RawAnswers::new(), ticket: OnceCell::new(), round: Mutex::default() }
    }

    /// Continues a request after the last round.
    pub(crate) fn resume(
        rules: &StateRules,
        fingerprint: RequestFingerprint,
        params: &Params<'_>,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let answers = params.input_responses.map(read_answers).transpose()?.unwrap_or_default();
        let last = params.request_state()?.map(|text| rules.open(&text, &fingerprint, now)).transpose()?;
        Ok(Self { fingerprint, last, answers, ticket: OnceCell::new(), round: Mutex::default() })
    }

    /// Returns the answers of earlier rounds and this one, or records the questions as open.
    pub(super) async fn ask(&self, questions: Vec<KeyedRequest>, now: SystemTime) -> Result<Vec<RawAnswer>, Error> {
        let mut found_answers = Vec::with_capacity(questions.len());
        for KeyedRequest { key, request, once, .. } in questions {
            let question = request.digest();
            let found = match self.find(&key, &question) {
                Some(_) if once && !self.redeem(&key, now).await? => None,
                found => found,
            };
            found_answers.push((key, request, question, found));
        }
        let (count, mut answers) = (found_answers.len(), Vec::new());
        let mut round = locked(&self.round);
        for (key, request, question, found) in found_answers {
            match found {
                Some(FoundAnswer { answer, is_new }) => {
                    round.has_progress |= is_new && (request.check)(answer).is_ok();
                    answers.push(answer.clone());
                    round.used.insert(key, RecordedAnswer { question, answer: answer.clone() });
                }
                None => round.open.push((key, request)),
            }
        }
        if answers.len() < count {
            return Err(Error::internal("The client has to answer first; a handler passes this error on, with `?`"));
        }
        Ok(answers)
    }

    /// Returns the answer to a question.
    fn find(&self, key: &str, question: &str) -> Option<FoundAnswer<'_>> {
        // Clients may answer before the first question. Only the key connects such an answer to its question.
        let Some((transcript, _)) = &self.last else {
            return self.answers.get(key).map(|answer| FoundAnswer { answer, is_new: false });
        };
        // A recorded answer wins over a new one, so that every round takes the same path up to its end.
        if let Some(known) = transcript.answers.get(key).filter(|known| known.question == question) {
            return Some(FoundAnswer { answer: &known.answer, is_new: false });
        }
        let answer = self.answers.get(key)?;
        let is_open = transcript.open.get(key).is_some_and(|open| open == question);
        if !is_open {
            tracing::debug!(key, "an answer was not taken, because it is not one to what is asked now");
        }
        is_open.then_some(FoundAnswer { answer, is_new: true })
    }

    /// Redeems the state for the answers that are valid once. Returns `true` if the answer is valid.
    ///
    /// One use counts for all such answers of a round. Without a valid one, the client is asked again.
    async fn redeem(&self, key: &str, now: SystemTime) -> Result<bool, Error> {
        // Without a state, the same answer could be sent any number of times.
        let Some((_, ticket)) = &self.last else { return Ok(false) };
        match self.ticket.get_or_try_init(|| ticket.redeem(now)).await? {
            Use::First => Ok(true),
            Use::Unknown => Ok(false),
            Use::Again => {
                let key = truncated(key);
                Err(Error::invalid_params(format!("Invalid params: the answer to `{key}` was used before; start anew")))
            }
            Use::Undecided => Err(Error::overloaded(Unavailable.to_string())),
        }
    }

    /// Returns `true` for the first request with its state, if it has an answer to an open question.
    ///
    /// The round is then free. [`end_free`](Self::end_free) decides whether it stays so.
    pub(in crate::server) fn begin_free(&self, now: SystemTime) -> bool {
        let Some((transcript, ticket)) = &self.last else { return false };
        let is_free = self.answers.keys().any(|key| transcript.open.contains_key(key)) && ticket.begin_round(now);
        locked(&self.round).is_free = is_free;
        is_free
    }

    /// Ends a free round. Returns `true` if the round has to be counted, because the method took no valid answer.
    ///
    /// A request has so at most one free round for each of its questions.
    pub(in crate::server) fn end_free(&self) -> bool {
        let mut round = locked(&self.round);
        mem::take(&mut round.is_free) && (round.has_invalid_answer || !round.has_progress)
    }

    /// Records that the method got an answer that does not fit its question.
    pub(super) fn refuse_answer(&self) {
        locked(&self.round).has_invalid_answer = true;
    }

    /// Withdraws the open questions, because the round is refused.
    pub(in crate::server) fn withdraw(&self) {
        locked(&self.round).open.clear();
    }

    /// Begins the result with the open questions, if there are some.
    pub(super) fn input_required(&self, rules: &StateRules, now: SystemTime) -> Option<Result<ResultBody, Error>> {
        let round = locked(&self.round);
        // A state that is or may be used yields no new state, because the new one could be used again.
        if round.open.is_empty() || matches!(self.ticket.get(), Some(Use::Again | Use::Undecided)) {
            return None;
        }
        let transcript = Transcript {
            answers: round.used.clone(),
            open: round.open.iter().map(|(key, question)| (key.clone(), question.digest())).collect(),
        };
        Some(rules.seal(&self.fingerprint, &transcript, now).map(|state| {
            let mut body = ResultBody::new();
            body.member("inputRequests", &InputRequests(round.open.iter().map(|(key, question)| (&**key, question))));
            body.member("requestState", &state);
            body
        }))
    }
}
