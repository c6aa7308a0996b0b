//! How a question gets to the client, and its answer back: in rounds since 2026-07-28, and on the open connection before.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::exchange::Outbox;
use super::state::{Answers, Origin, StateRules};
use crate::protocol::error::Error;
use crate::protocol::message::{Params, is_object};
use crate::protocol::response::{Members, push};

/// A request to the client.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[doc(hidden)]
pub struct InputRequest {
    pub(crate) method: &'static str,
    pub(crate) params: Value,
}

/// What a client answered, as it came.
pub(crate) type Answered = Box<RawValue>;

/// How the client of a request is asked.
pub(crate) enum Asking {
    /// The request ends with its questions, and is made again with the answers.
    Rounds(Rounds),
    /// Questions are requests of the server, which the client answers on its own.
    Live(Arc<Pending>),
    /// There is no way to the client.
    Nobody,
    /// This request is not one during which the client can be asked.
    Never,
}

impl Asking {
    /// Asks several questions at once, and gives their answers in the same order.
    pub(crate) async fn ask(
        &self,
        outbox: &Outbox,
        questions: Vec<(String, InputRequest)>,
    ) -> Result<Vec<Answered>, Error> {
        match self {
            Self::Rounds(rounds) => rounds.ask(questions),
            Self::Live(pending) => pending.ask(outbox, questions).await,
            Self::Nobody => Err(Error::internal("There is no way to ask this client")),
            Self::Never => Err(Error::internal("The client can't be asked during this request")),
        }
    }
}

/// The rounds of a request so far (MCP 2026-07-28, "Multi Round-Trip Requests").
pub(crate) struct Rounds {
    origin: Origin,
    /// What earlier rounds brought, out of the sealed state.
    earlier: Answers,
    /// What this round brought. Nobody looks at what was not asked.
    given: Answers,
    round: Mutex<Round>,
}

#[derive(Default)]
struct Round {
    /// The answers that were used, for the state of the next round.
    used: Answers,
    /// The questions that have no answer yet.
    open: BTreeMap<String, InputRequest>,
}

impl Rounds {
    /// Takes up a request where the last round ended.
    pub(crate) fn begin(
        rules: &StateRules,
        origin: Origin,
        params: &Params<'_>,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let given = match params.input_responses {
            None => Answers::new(),
            Some(raw) if is_object(raw) => serde_json::from_str(raw.get())
                .map_err(|_| Error::invalid_params("Invalid params: `inputResponses` can't be read"))?,
            Some(_) => return Err(Error::invalid_params("Invalid params: `inputResponses` must be an object")),
        };
        let earlier = match params.request_state()? {
            None => Answers::new(),
            Some(text) => rules.open(&text, &origin, now)?,
        };
        Ok(Self { origin, earlier, given, round: Mutex::default() })
    }

    fn ask(&self, questions: Vec<(String, InputRequest)>) -> Result<Vec<Answered>, Error> {
        let mut round = locked(&self.round);
        let (count, mut answers) = (questions.len(), Vec::new());
        for (key, question) in questions {
            // What was answered once stays as it is, so that every round goes the same way up to its end.
            match self.earlier.get(&key).or_else(|| self.given.get(&key)) {
                Some(answer) => {
                    round.used.insert(key, answer.clone());
                    answers.push(answer.clone());
                }
                None => {
                    round.open.insert(key, question);
                }
            }
        }
        if answers.len() == count { Ok(answers) } else { Err(Error::internal("The client has to answer first")) }
    }

    /// The members of the result that asks the client, if there is something to ask.
    pub(crate) fn end(&self, rules: &StateRules, now: SystemTime) -> Option<Result<Members, Error>> {
        let round = locked(&self.round);
        if round.open.is_empty() {
            return None;
        }
        Some(rules.seal(&self.origin, &round.used, now).map(|state| {
            let mut out = b"\"inputRequests\":".to_vec();
            push(&mut out, &round.open);
            out.extend_from_slice(b",\"requestState\":");
            push(&mut out, &state);
            out
        }))
    }
}

/// Questions that wait for the answer of a client, one of these for each connection or session.
#[derive(Default)]
pub(crate) struct Pending {
    next_id: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Result<Answered, Error>>>>,
}

impl Pending {
    /// Hands an answer to whoever asked. `id` is JSON. Says whether somebody did.
    pub(crate) fn resolve(&self, id: &str, answer: Result<Answered, Error>) -> bool {
        let asked = id.parse().ok().and_then(|id: u64| locked(&self.waiting).remove(&id));
        asked.is_some_and(|asked| asked.send(answer).is_ok())
    }

    async fn ask(&self, outbox: &Outbox, questions: Vec<(String, InputRequest)>) -> Result<Vec<Answered>, Error> {
        let asked: Vec<_> = questions.iter().map(|(key, question)| (key, self.send(outbox, question))).collect();
        let mut answers = Vec::with_capacity(asked.len());
        for (key, asked) in asked {
            let answer = asked.answer().await;
            answers.push(
                answer
                    .map_err(|error| Error::tool(format!("The client did not answer `{key}`: {}", error.message())))?,
            );
        }
        Ok(answers)
    }

    fn send<'p>(&'p self, outbox: &'p Outbox, question: &InputRequest) -> Asked<'p> {
        #[derive(Serialize)]
        struct Message<'a> {
            jsonrpc: &'static str,
            id: u64,
            #[serde(flatten)]
            question: &'a InputRequest,
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        locked(&self.waiting).insert(id, sender);
        let mut out = Vec::new();
        push(&mut out, &Message { jsonrpc: "2.0", id, question });
        outbox.send(out);
        Asked { pending: self, outbox, id, receiver }
    }
}

/// A question that is on its way. When nobody waits for it any more, the client is told.
struct Asked<'p> {
    pending: &'p Pending,
    outbox: &'p Outbox,
    id: u64,
    receiver: oneshot::Receiver<Result<Answered, Error>>,
}

impl Asked<'_> {
    async fn answer(mut self) -> Result<Answered, Error> {
        (&mut self.receiver).await.unwrap_or_else(|_| Err(Error::internal("it has left")))
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if locked(&self.pending.waiting).remove(&self.id).is_some() {
            let id = self.id;
            let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"#;
            self.outbox.send(format!("{cancelled}{id}}}}}").into_bytes());
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
