//! Questions to the client: in rounds since protocol 2026-07-28, on the open connection before.

pub(crate) mod fingerprint;
pub(crate) mod form;
pub(crate) mod open_questions;
pub(crate) mod question;
pub(crate) mod request;
pub(crate) mod rounds;
pub(crate) mod state;
pub(crate) mod used_states;
pub(crate) mod waits;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use self::open_questions::OpenQuestions;
use self::request::{KeyedRequest, RawAnswer};
use self::rounds::Rounds;
use self::state::StateRules;
use self::waits::Waits;
use super::exchange::Outbox;
use super::tasks::slot::TaskSlot;
use crate::budget::Permit;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::response::ResultBody;

/// The sender of the questions of one request.
pub(crate) struct Asker {
    route: Route,
    outbox: Outbox,
    /// The timeout of a question while the method waits.
    timeout: Duration,
    pub(super) task: TaskSlot,
    pub(super) waits: Waits,
    /// The keys of all questions so far.
    keys: Mutex<HashSet<String>>,
}

/// The route of questions to the client of a request.
pub(crate) enum Route {
    /// The response has the questions, and the client repeats its request with the answers.
    Rounds(Box<Rounds>),
    /// Questions are requests of the server, and the client sends their responses. The permit is one for buffered bytes.
    Connection(Arc<OpenQuestions>, Box<Permit>),
    /// The transport cannot reach the client.
    Unreachable,
    /// The method of this request must not ask.
    Forbidden,
}

impl Asker {
    pub(crate) fn new(route: Route, outbox: Outbox, timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            route,
            outbox,
            timeout,
            task: TaskSlot::default(),
            waits: Waits::default(),
            keys: Mutex::default(),
        })
    }

    /// Asks several questions at once, and returns their answers in the same order.
    pub(crate) async fn ask(&self, questions: Vec<KeyedRequest>) -> Result<Vec<RawAnswer>, Error> {
        for KeyedRequest { key, .. } in &questions {
            if !locked(&self.keys).insert(key.clone()) {
                return Err(Error::internal(format!(
                    "Two questions of this request have the key `{key}`; each needs one of its own"
                )));
            }
        }
        let _wait = self.waits.begin();
        // The request of a task has its response already, so that the task has a route of its own.
        if let Some(task) = self.task.begun() {
            return task.ask(questions, self.timeout).await;
        }
        match &self.route {
            Route::Rounds(rounds) => rounds.ask(questions, SystemTime::now()).await,
            Route::Connection(open, buffer) => open.ask(&self.outbox, buffer, questions, self.timeout).await,
            Route::Unreachable if questions.iter().any(|question| question.required) => {
                Err(Error::internal("There is no way to ask this client"))
            }
            Route::Unreachable => Err(Error::internal("There is no way to ask this client").unaskable()),
            Route::Forbidden => Err(Error::internal("Only a tool, a prompt or a resource can ask the client")),
        }
    }

    /// Records that the method got an answer that does not fit its question.
    fn refuse_answer(&self) {
        if let Some(rounds) = self.rounds() {
            rounds.refuse_answer();
        }
    }

    /// Begins the result with the open questions, if this round has some.
    pub(crate) fn input_required(&self, rules: &StateRules, now: SystemTime) -> Option<Result<ResultBody, Error>> {
        self.rounds()?.input_required(rules, now)
    }

    /// Returns the rounds of the request, if the client is asked in such.
    pub(super) fn rounds(&self) -> Option<&Rounds> {
        match &self.route {
            Route::Rounds(rounds) => Some(rounds),
            _ => None,
        }
    }
}
