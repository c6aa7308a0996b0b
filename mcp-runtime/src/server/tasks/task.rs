//! A call that outlives its request: its status, its questions and its end.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::record::{ShownStatus, StoredStatus, StoredTask, owner_gone, raw};
use crate::auth::{Principal, RequiredScopes};
use crate::backplane::codec::encode;
use crate::budget::{AccountKey, Permit};
use crate::json::read::is_object;
use crate::json::truncate::truncated;
use crate::latch::Latch;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::response::{ResultBody, push_error};
use crate::protocol::timestamp::timestamp;
use crate::server::asking::request::{
    InputRequest, InputRequests, KeyedRequest, RawAnswer, answers_must_be_object, question_timed_out, read_answers,
};

/// A call that outlives its request.
pub(crate) struct Task {
    pub(super) id: String,
    pub(crate) owner: TaskOwner,
    _place: Permit,
    /// The time of creation, for display only.
    created: SystemTime,
    /// The start of all durations, on the monotonic clock.
    began: Instant,
    lifetime: Duration,
    state: Mutex<TaskState>,
    /// Set with the final status.
    over: Latch,
    pub(super) publication: Publication,
}

/// The state of the record that other instances read, if there are others.
#[derive(Default)]
pub(super) struct Publication {
    /// The tenure in which this instance runs the task.
    pub(super) tenure: OnceLock<Arc<str>>,
    /// Signals a change that the record does not have.
    pub(super) changed: Notify,
    /// Set once there is a record.
    pub(super) created: Latch,
    /// Set once the record needs no further change.
    pub(super) ended: Latch,
}

/// The caller that began a task.
#[derive(Clone)]
pub(crate) struct TaskOwner {
    pub(crate) principal: Principal,
    /// The account whose limits count.
    pub(crate) account: Option<AccountKey>,
    /// The scopes of the tool, which every request about the task needs, too.
    pub(crate) needed: RequiredScopes,
}

/// The result of a task, or its error.
pub(crate) struct TaskOutcome {
    pub(crate) json: Vec<u8>,
    pub(crate) is_error: bool,
}

impl TaskOutcome {
    pub(crate) fn error(error: &Error) -> Self {
        let mut json = Vec::new();
        push_error(&mut json, error);
        Self { json, is_error: true }
    }
}

/// The status of a task, and the time of its last change.
struct TaskState {
    updated: Instant,
    status: TaskStatus,
}

/// The status of a task.
enum TaskStatus {
    Working {
        message: Option<(String, Permit)>,
        /// The unanswered questions.
        questions: Vec<TaskQuestion>,
        work: Option<AbortHandle>,
        /// The permit for the request, which is kept until the end.
        buffer: Permit,
    },
    Ended {
        outcome: TaskOutcome,
        /// The permit for the JSON, unless this server wrote the error.
        _permit: Option<Permit>,
    },
    Cancelled,
}

/// An unanswered question of a task.
struct TaskQuestion {
    /// The key, unique within the task.
    key: String,
    request: InputRequest,
    _permit: Permit,
    /// The sender to the waiting method.
    answer: oneshot::Sender<RawAnswer>,
}

impl Task {
    /// Creates a task that works.
    ///
    /// The permit `place` is for the task, and `buffer` for its request.
    pub(super) fn new(id: String, owner: TaskOwner, lifetime: Duration, place: Permit, buffer: Permit) -> Self {
        let began = Instant::now();
        let status = TaskStatus::Working { message: None, questions: Vec::new(), work: None, buffer };
        Self {
            id,
            owner,
            _place: place,
            created: SystemTime::now(),
            began,
            lifetime,
            state: Mutex::new(TaskState { updated: began, status }),
            over: Latch::default(),
            publication: Publication::default(),
        }
    }
}

/// Results about the task.
impl Task {
    /// Begins the result of a call that became this task.
    pub(crate) fn created(&self) -> ResultBody {
        self.describe(&self.state(), &ShownStatus::Working { message: None, questions: None })
    }

    /// Begins the result of `tasks/get`.
    pub(crate) fn current(&self) -> ResultBody {
        let state = self.state();
        match &state.status {
            TaskStatus::Working { message, questions, .. } => {
                let questions = shown(questions);
                self.describe(
                    &state,
                    &ShownStatus::Working { message: text_of(message), questions: questions.as_deref() },
                )
            }
            TaskStatus::Ended { outcome: TaskOutcome { json, is_error }, .. } => {
                self.describe(&state, &ShownStatus::Ended { json, is_error: *is_error })
            }
            TaskStatus::Cancelled => self.describe(&state, &ShownStatus::Cancelled),
        }
    }

    fn describe(&self, state: &TaskState, status: &ShownStatus<'_>) -> ResultBody {
        let [created, updated] = self.times(state);
        status.describe(&self.id, [&created, &updated], millis(self.lifetime))
    }

    /// Returns the times of the creation and of the last change, for display.
    fn times(&self, state: &TaskState) -> [String; 2] {
        [self.created, self.created + (state.updated - self.began)].map(timestamp)
    }

    /// Returns `true` beyond the lifetime.
    pub(super) fn is_expired(&self) -> bool {
        self.began.elapsed() >= self.lifetime
    }

    /// Returns `true` if the status is final.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.state().status, TaskStatus::Working { .. })
    }

    fn state(&self) -> MutexGuard<'_, TaskState> {
        locked(&self.state)
    }

    /// Changes the status, unless the task is over.
    fn change(&self, change: impl FnOnce(&mut TaskStatus)) {
        let mut state = self.state();
        if matches!(state.status, TaskStatus::Working { .. }) {
            state.updated = Instant::now();
            change(&mut state.status);
            self.publication.changed.notify_one();
            if !matches!(state.status, TaskStatus::Working { .. }) {
                self.over.set();
            }
        }
    }

    /// Stops the work and sets the final status, unless the task is over.
    fn end(&self, last: TaskStatus) {
        self.change(|status| {
            if let TaskStatus::Working { work: Some(work), .. } = status {
                work.abort();
            }
            *status = last;
        });
    }
}

/// Progress, questions and the end of the task.
impl Task {
    /// Stops the work when the task ends, or at once if the task is over.
    pub(crate) fn attach(&self, handle: AbortHandle) {
        match &mut self.state().status {
            TaskStatus::Working { work, .. } => *work = Some(handle),
            _ => handle.abort(),
        }
    }

    /// Sets the status message, unless there is no room for it.
    pub(crate) fn set_message(&self, text: String) {
        self.change(|status| {
            if let TaskStatus::Working { message, buffer, .. } = status {
                let mut permit = buffer.empty();
                if permit.grow(text.len()).is_ok() {
                    *message = Some((text, permit));
                }
            }
        });
    }

    /// Ends the task with a result or an error.
    pub(super) fn finish(&self, outcome: TaskOutcome, permit: Option<Permit>) {
        self.change(|status| *status = TaskStatus::Ended { outcome, _permit: permit });
    }

    /// Ends the task because the client cancelled it, or because it expired.
    pub(crate) fn cancel(&self) {
        self.end(TaskStatus::Cancelled);
    }

    /// Fails the task because the server stops.
    pub(super) fn abort(&self) {
        self.end(TaskStatus::Ended { outcome: TaskOutcome::error(&stopping()), _permit: None });
    }

    /// Completes when the task is over.
    pub(crate) async fn over(&self) {
        self.over.wait().await;
    }

    /// Asks the client, which finds the questions when it polls the task.
    pub(crate) async fn ask(&self, questions: Vec<KeyedRequest>, timeout: Duration) -> Result<Vec<RawAnswer>, Error> {
        let count = questions.len();
        let mut guards = Vec::with_capacity(count);
        let mut room = Ok(());
        self.change(|status| {
            if let TaskStatus::Working { questions: open, buffer, .. } = status {
                for KeyedRequest { key, request, .. } in questions {
                    let mut permit = buffer.empty();
                    if let Err(reason) = permit.grow(key.len() + request.len()) {
                        room = Err(Error::overloaded(permit.pool().refuse(reason)));
                        return;
                    }
                    let (answer, receiver) = oneshot::channel();
                    open.push(TaskQuestion { key: key.clone(), request, _permit: permit, answer });
                    guards.push(TaskQuestionGuard { task: self, key, receiver });
                }
            }
        });
        room?;
        let over = || Error::internal("The task is over");
        let mut time = std::pin::pin!(tokio::time::sleep(timeout));
        let mut answers = Vec::with_capacity(count);
        for mut guard in guards {
            tokio::select! {
                biased;
                answer = &mut guard.receiver => answers.push(answer.map_err(|_| over())?),
                () = &mut time => return Err(question_timed_out(&guard.key, timeout)),
            }
        }
        if answers.len() == count { Ok(answers) } else { Err(over()) }
    }

    /// Delivers answers to the questions of the task. Answers to other questions are ignored.
    pub(crate) fn answer(&self, answers: Option<&RawValue>) -> Result<(), Error> {
        let mut answers = read_answers(answers.ok_or_else(answers_must_be_object)?)?;
        let mut state = self.state();
        let TaskState { updated, status: TaskStatus::Working { questions, .. } } = &mut *state else { return Ok(()) };
        let is_wrong = |open: &&TaskQuestion| answers.get(&open.key).is_some_and(|answer| !is_object(answer));
        if let Some(TaskQuestion { key, .. }) = questions.iter().find(is_wrong) {
            let key = truncated(key);
            return Err(Error::invalid_params(format!("Invalid params: the answer to `{key}`: it must be an object")));
        }
        *updated = Instant::now();
        self.publication.changed.notify_one();
        for question in std::mem::take(questions) {
            match answers.remove(&question.key) {
                // The method may have stopped waiting.
                Some(answer) => drop(question.answer.send(answer)),
                None => questions.push(question),
            }
        }
        Ok(())
    }
}

fn text_of(message: &Option<(String, Permit)>) -> Option<&str> {
    message.as_ref().map(|(text, _)| &**text)
}

/// The record that other instances read.
impl Task {
    /// Returns `true` if the task runs in this tenure.
    pub(super) fn is_of(&self, tenure: &str) -> bool {
        self.publication.tenure.get().is_some_and(|of| **of == *tenure)
    }

    /// Returns the time until the lifetime ends.
    pub(super) fn remaining(&self) -> Duration {
        self.lifetime.saturating_sub(self.began.elapsed())
    }

    /// Fails the task because other instances say that it has failed.
    pub(super) fn disown(&self) {
        self.end(TaskStatus::Ended { outcome: TaskOutcome::error(&owner_gone()), _permit: None });
    }

    /// Returns the content of the record.
    pub(super) fn stored(&self, tenure: &str) -> StoredTask {
        let state = self.state();
        let [created_at, updated_at] = self.times(&state);
        let status = match &state.status {
            TaskStatus::Working { message, questions, .. } => {
                let (message, questions) = (text_of(message).map(str::to_owned), shown(questions).and_then(raw));
                StoredStatus::Working { message, questions }
            }
            TaskStatus::Ended { outcome: TaskOutcome { json, is_error }, .. } => match raw(json.clone()) {
                Some(json) => StoredStatus::Ended { json, is_error: *is_error },
                None => StoredStatus::Cancelled,
            },
            TaskStatus::Cancelled => StoredStatus::Cancelled,
        };
        let ttl_ms = millis(self.lifetime);
        let created_ms = millis(self.created.duration_since(UNIX_EPOCH).unwrap_or_default());
        let expiry_ms = created_ms.saturating_add(ttl_ms);
        StoredTask { tenure: tenure.to_owned(), created_at, updated_at, ttl_ms, expiry_ms, status }
    }
}

/// Returns the open questions as JSON, if there are some.
fn shown(questions: &[TaskQuestion]) -> Option<Vec<u8>> {
    let open = questions.iter().map(|question| (&*question.key, &question.request));
    (!questions.is_empty()).then(|| encode(&InputRequests(open)))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A question that the method waits for. Dropping the guard closes the question.
struct TaskQuestionGuard<'t> {
    task: &'t Task,
    key: String,
    receiver: oneshot::Receiver<RawAnswer>,
}

impl Drop for TaskQuestionGuard<'_> {
    fn drop(&mut self) {
        if let TaskStatus::Working { questions, .. } = &mut self.task.state().status {
            questions.retain(|open| open.key != self.key);
            self.task.publication.changed.notify_one();
        }
    }
}

/// Creates the error for tasks of a server that stops.
pub(super) fn stopping() -> Error {
    Error::internal("The server is shutting down")
}
