//! Questions on an open connection (before MCP 2026-07-28): requests of the server, with responses of the client.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::request::{InputRequest, KeyedRequest, RawAnswer, question_timed_out};
use crate::lock::locked;
use crate::protocol::error::{Error, INTERNAL_ERROR};
use crate::protocol::message::Response;
use crate::protocol::response::push;
use crate::server::exchange::Outbox;

/// The unanswered questions of one connection or session.
#[derive(Default)]
pub(crate) struct OpenQuestions {
    table: Mutex<QuestionTable>,
}

#[derive(Default)]
struct QuestionTable {
    last_id: u64,
    by_id: HashMap<u64, OpenQuestion>,
    closed: bool,
}

struct OpenQuestion {
    check: fn(&RawValue) -> Result<(), String>,
    answer: oneshot::Sender<Result<RawAnswer, Error>>,
}

impl OpenQuestions {
    /// Creates an empty table whose first question has an id near `id`.
    ///
    /// With a random id, a late answer to a question of another connection matches no question.
    pub(crate) fn starting_at(id: u64) -> Self {
        // Clients in JavaScript have no larger integers.
        let last_id = id % (1 << 52);
        Self { table: Mutex::new(QuestionTable { last_id, ..QuestionTable::default() }) }
    }

    /// Delivers an answer to the method that asked.
    ///
    /// # Errors
    /// When no question with this id is open, or the answer is no result of the method of the question. In the latter
    /// case, the method that asked fails, too.
    pub(crate) fn resolve(&self, response: &Response<'_>) -> Result<(), Error> {
        let unknown = || Error::invalid_request("Invalid request: no question with this `id` waits for an answer");
        let id: u64 = response.id.and_then(|id| id.as_json().parse().ok()).ok_or_else(unknown)?;
        let question = locked(&self.table).by_id.remove(&id).ok_or_else(unknown)?;
        let outcome = match &response.outcome {
            Ok(result) => Ok((*result).to_owned()),
            Err(error) => Err(Error::new(error.code().unwrap_or(INTERNAL_ERROR), error.message().to_owned())),
        };
        let fits = outcome.as_ref().map_or(Ok(()), |result| (question.check)(result));
        question.answer.send(outcome).map_err(|_| unknown())?;
        fits.map_err(|why| Error::invalid_params(format!("Invalid params: the answer to question {id}: {why}")))
    }

    /// Returns `true` if a question is open.
    #[cfg(feature = "http")]
    pub(crate) fn has_any(&self) -> bool {
        !locked(&self.table).by_id.is_empty()
    }

    /// Fails all questions, and every later one, because the client has disconnected.
    pub(crate) fn close(&self) {
        let mut table = locked(&self.table);
        table.closed = true;
        table.by_id.clear();
    }

    /// Sends several questions at once, and waits for their answers.
    pub(super) async fn ask(
        &self,
        outbox: &Outbox,
        questions: Vec<KeyedRequest>,
        timeout: Duration,
    ) -> Result<Vec<RawAnswer>, Error> {
        let guards: Vec<_> =
            questions.iter().map(|question| (&question.key, self.send(outbox, &question.request))).collect();
        let mut time = std::pin::pin!(tokio::time::sleep(timeout));
        let mut answers = Vec::with_capacity(guards.len());
        for (key, mut guard) in guards {
            let answer = tokio::select! {
                biased;
                answer = &mut guard.receiver => answer,
                () = &mut time => {
                    if guard.withdraw() {
                        return Err(question_timed_out(key, timeout));
                    }
                    // `resolve` has accepted the answer, and is about to send it.
                    (&mut guard.receiver).await
                }
            };
            let answer = answer.unwrap_or_else(|_| Err(Error::internal("it has left")));
            answers.push(
                answer
                    .map_err(|error| Error::tool(format!("The client did not answer `{key}`: {}", error.message())))?,
            );
        }
        Ok(answers)
    }

    fn send<'q>(&'q self, outbox: &'q Outbox, question: &InputRequest) -> QuestionGuard<'q> {
        #[derive(Serialize)]
        struct Message<'a> {
            jsonrpc: &'static str,
            id: u64,
            #[serde(flatten)]
            question: &'a InputRequest,
        }
        let (sender, receiver) = oneshot::channel();
        let mut table = locked(&self.table);
        table.last_id += 1;
        let id = table.last_id;
        if !table.closed {
            table.by_id.insert(id, OpenQuestion { check: question.check, answer: sender });
        }
        drop(table);
        let mut out = Vec::new();
        push(&mut out, &Message { jsonrpc: "2.0", id, question });
        outbox.send(out);
        QuestionGuard { open: self, outbox, id, receiver }
    }
}

/// A sent question. Dropping the guard cancels the question at the client.
struct QuestionGuard<'q> {
    open: &'q OpenQuestions,
    outbox: &'q Outbox,
    id: u64,
    receiver: oneshot::Receiver<Result<RawAnswer, Error>>,
}

impl QuestionGuard<'_> {
    /// Cancels the question at the client. Returns `true` if it was unanswered.
    fn withdraw(&self) -> bool {
        let is_open = locked(&self.open.table).by_id.remove(&self.id).is_some();
        if is_open {
            let id = self.id;
            let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"#;
            self.outbox.send(format!("{cancelled}{id}}}}}").into_bytes());
        }
        is_open
    }
}

impl Drop for QuestionGuard<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}
