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
use crate::budget::Permit;
use crate::lock::locked;
use crate::protocol::error::{Error, INTERNAL_ERROR};
use crate::protocol::message::Response;
use crate::protocol::response::push;
use crate::server::exchange::Outbox;

/// The unanswered questions of one connection or session.
#[derive(Default)]
pub(crate) struct OpenQuestions {
    table: Mutex<QuestionTable>,
    /// Returns the id that the client reads. Absent if that is the number of the question.
    address: Option<AddressOfQuestion>,
}

/// A function from the number of a question to an id that names the instance, too.
type AddressOfQuestion = Box<dyn Fn(u64) -> String + Send + Sync>;

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
        Self { table: Mutex::new(QuestionTable { last_id, ..QuestionTable::default() }), address: None }
    }

    /// Sends questions with ids that name the instance, too.
    #[cfg(feature = "http")]
    pub(crate) fn addressed_by(self, address: Option<AddressOfQuestion>) -> Self {
        Self { address, ..self }
    }

    /// Delivers an answer to the method that asked, by the number of its question.
    ///
    /// # Errors
    /// No question with this id is open, or the answer is no result of the method of the question. In the latter
    /// case, the method that asked fails, too.
    pub(crate) fn resolve(&self, response: &Response<'_>) -> Result<(), Error> {
        let id: u64 = response.id.and_then(|id| id.as_json().parse().ok()).ok_or_else(unknown_question)?;
        let outcome = match &response.outcome {
            Ok(result) => Ok((*result).to_owned()),
            Err(error) => Err(Error::new(error.code().unwrap_or(INTERNAL_ERROR), error.message().to_owned())),
        };
        self.deliver(id, outcome)
    }

    /// Delivers the outcome of a question, as [`resolve`](Self::resolve) does.
    pub(crate) fn deliver(&self, id: u64, outcome: Result<RawAnswer, Error>) -> Result<(), Error> {
        let question = locked(&self.table).by_id.remove(&id).ok_or_else(unknown_question)?;
        let fits = outcome.as_ref().map_or(Ok(()), |result| (question.check)(result));
        question.answer.send(outcome).map_err(|_| unknown_question())?;
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

    /// Sends several questions at once, and waits for their answers. The questions take permits like `buffer`.
    pub(super) async fn ask(
        &self,
        outbox: &Outbox,
        buffer: &Permit,
        questions: Vec<KeyedRequest>,
        timeout: Duration,
    ) -> Result<Vec<RawAnswer>, Error> {
        let mut guards = Vec::with_capacity(questions.len());
        for question in &questions {
            guards.push((&question.key, self.send(outbox, buffer, &question.request)?));
        }
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

    fn send<'q>(
        &'q self,
        outbox: &'q Outbox,
        buffer: &Permit,
        question: &InputRequest,
    ) -> Result<QuestionGuard<'q>, Error> {
        #[derive(Serialize)]
        struct Message<'a> {
            jsonrpc: &'static str,
            id: &'a QuestionId,
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
        let sent_id = self.address.as_ref().map_or(QuestionId::Number(id), |address| QuestionId::Address(address(id)));
        let mut out = Vec::new();
        push(&mut out, &Message { jsonrpc: "2.0", id: &sent_id, question });
        let sent = outbox.send_charged(out, || buffer.empty());
        if let Err(error) = sent {
            locked(&self.table).by_id.remove(&id);
            return Err(error);
        }
        Ok(QuestionGuard { open: self, outbox, id, sent_id, receiver })
    }
}

/// The id of a question on the wire.
#[derive(Serialize)]
#[serde(untagged)]
enum QuestionId {
    Number(u64),
    Address(String),
}

/// Returns the error for an answer to no open question.
pub(crate) fn unknown_question() -> Error {
    Error::invalid_request("Invalid request: no question with this `id` waits for an answer")
}

/// A sent question. Dropping the guard cancels the question at the client.
struct QuestionGuard<'q> {
    open: &'q OpenQuestions,
    outbox: &'q Outbox,
    id: u64,
    sent_id: QuestionId,
    receiver: oneshot::Receiver<Result<RawAnswer, Error>>,
}

impl QuestionGuard<'_> {
    /// Cancels the question at the client. Returns `true` if it was unanswered.
    fn withdraw(&self) -> bool {
        let is_open = locked(&self.open.table).by_id.remove(&self.id).is_some();
        if is_open {
            let mut out = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"#.to_vec();
            push(&mut out, &self.sent_id);
            out.extend_from_slice(b"}}");
            self.outbox.send(out);
        }
        is_open
    }
}

impl Drop for QuestionGuard<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}
