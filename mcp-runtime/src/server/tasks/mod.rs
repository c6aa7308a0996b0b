//! Calls that outlive their request (the extension `io.modelcontextprotocol/tasks`), whose status the client polls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::asking::request::{
    InputRequest, InputRequests, KeyedRequest, RawAnswer, answers_must_be_object, question_timed_out, read_answers,
};
use crate::auth::{Principal, RequiredScopes};
use crate::json::read::is_object;
use crate::json::truncate::truncated;
use crate::latch::Latch;
use crate::limits::StateLimits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::response::{ResultBody, push_error};
use crate::protocol::timestamp::timestamp;
use crate::seal::random_id;

/// The interval at which a client should poll, in milliseconds.
const POLL_INTERVAL_MS: u64 = 500;

/// The tasks of a server.
///
/// These live in this process: a restart ends them, and other instances do not know them.
#[derive(Default)]
pub(crate) struct Tasks {
    by_id: HashMap<String, Arc<Task>>,
    limits: StateLimits,
    /// Refuses new tasks, because the server stops.
    stopping: bool,
}

impl Tasks {
    pub(super) fn set_limits(&mut self, limits: StateLimits) {
        self.limits = limits;
    }

    /// Begins a task, which is visible to `principal` only.
    pub(super) fn begin(&mut self, principal: Principal, needed: RequiredScopes) -> Result<Arc<Task>, Error> {
        if self.stopping {
            return Err(stopping());
        }
        self.evict_expired();
        if self.by_id.len() >= self.limits.tasks && !self.evict_finished() {
            return Err(Error::internal(format!("More than {} tasks at once; try again later", self.limits.tasks)));
        }
        let id = random_id()?;
        let status = TaskStatus::Working { message: None, questions: Vec::new(), work: None };
        let began = Instant::now();
        let task = Arc::new(Task {
            id: id.clone(),
            principal,
            needed,
            created: SystemTime::now(),
            began,
            lifetime: self.limits.task_lifetime,
            state: Mutex::new(TaskState { updated: began, status }),
            over: Latch::default(),
        });
        self.by_id.insert(id, Arc::clone(&task));
        Ok(task)
    }

    /// Evicts one finished task. Returns `true` if there was one.
    ///
    /// The oldest task of the principal with the most finished tasks goes, so that none evicts those of others.
    fn evict_finished(&mut self) -> bool {
        let mut over: HashMap<&str, Vec<&Arc<Task>>> = HashMap::new();
        for task in self.by_id.values().filter(|task| task.is_over()) {
            over.entry(task.principal.as_str()).or_default().push(task);
        }
        let most = over.into_values().max_by_key(Vec::len).unwrap_or_default();
        let oldest = most.into_iter().min_by_key(|task| task.began).map(|task| task.id.clone());
        oldest.and_then(|id| self.by_id.remove(&id)).is_some()
    }

    /// Returns the task with this id.
    pub(super) fn find(&mut self, id: &str) -> Option<Arc<Task>> {
        self.evict_expired();
        self.by_id.get(id).cloned()
    }

    /// Cancels and evicts tasks beyond their lifetime.
    fn evict_expired(&mut self) {
        self.by_id.retain(|_, task| {
            let keep = task.began.elapsed() < task.lifetime;
            if !keep {
                task.cancel();
            }
            keep
        });
    }
}

/// Shutdown.
impl Tasks {
    /// Refuses new tasks, and returns the running ones.
    pub(super) fn stop(&mut self) -> Vec<Arc<Task>> {
        self.stopping = true;
        self.by_id.values().filter(|task| !task.is_over()).cloned().collect()
    }

    /// Refuses new tasks, and fails the running ones.
    pub(super) fn abort(&mut self) {
        self.stop().iter().for_each(|task| task.abort());
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.abort();
    }
}

/// Creates the error for tasks of a server that stops.
fn stopping() -> Error {
    Error::internal("The server is shutting down")
}

/// The place of the task that a request can become.
#[derive(Default)]
pub(super) struct TaskSlot {
    offer: OnceLock<TaskOffer>,
    begun: OnceLock<Arc<Task>>,
    signal: Notify,
}

/// The permission to become a task.
enum TaskOffer {
    /// The tool allows tasks, but the client does not support them.
    Unsupported,
    /// A task is possible, of this principal and with these scopes.
    Allowed { principal: Principal, needed: RequiredScopes },
}

impl TaskSlot {
    /// Records that the client does not support tasks.
    pub(super) fn offer_none(&self) {
        // Each request gets one offer, so that the slot is empty.
        let _ = self.offer.set(TaskOffer::Unsupported);
    }

    /// Allows the request to become a task.
    pub(super) fn offer(&self, principal: Principal, needed: RequiredScopes) {
        let _ = self.offer.set(TaskOffer::Allowed { principal, needed });
    }

    /// Begins the task, if the client supports tasks. Returns `true` if there is a task now.
    pub(super) fn begin(&self, tasks: &Mutex<Tasks>) -> Result<bool, Error> {
        let (principal, needed) = match self.offer.get() {
            _ if self.begun.get().is_some() => return Ok(true),
            Some(TaskOffer::Allowed { principal, needed }) => (principal.clone(), needed.clone()),
            Some(TaskOffer::Unsupported) => return Ok(false),
            None => return Err(Error::internal("Only a tool with `#[mcp::tool(task)]` can become a task")),
        };
        let task = locked(tasks).begin(principal, needed)?;
        let _ = self.begun.set(task);
        self.signal.notify_one();
        Ok(true)
    }

    /// Returns the task, if it has begun.
    pub(super) fn begun(&self) -> Option<&Arc<Task>> {
        self.begun.get()
    }

    /// Waits until the task begins.
    pub(super) async fn wait(&self) -> &Arc<Task> {
        loop {
            let signal = self.signal.notified();
            if let Some(task) = self.begun.get() {
                return task;
            }
            signal.await;
        }
    }
}

/// A call that outlives its request.
pub(crate) struct Task {
    id: String,
    principal: Principal,
    /// The scopes of its tool, which every request about the task needs, too.
    pub(super) needed: RequiredScopes,
    /// The time of creation, for display only.
    created: SystemTime,
    /// The start of all durations, on the monotonic clock.
    began: Instant,
    lifetime: Duration,
    state: Mutex<TaskState>,
    /// Set with the final status.
    over: Latch,
}

/// The status of a task, and the time of its last change.
struct TaskState {
    updated: Instant,
    status: TaskStatus,
}

/// The status of a task.
enum TaskStatus {
    Working {
        message: Option<String>,
        /// The unanswered questions.
        questions: Vec<TaskQuestion>,
        work: Option<AbortHandle>,
    },
    /// The result as JSON.
    Completed(Vec<u8>),
    /// The error as JSON.
    Failed(Vec<u8>),
    Cancelled,
}

impl TaskStatus {
    fn failed(error: &Error) -> Self {
        let mut json = Vec::new();
        push_error(&mut json, error);
        Self::Failed(json)
    }
}

/// An unanswered question of a task.
struct TaskQuestion {
    /// The key, unique within the task.
    key: String,
    request: InputRequest,
    /// The sender to the waiting method.
    answer: oneshot::Sender<RawAnswer>,
}

/// Results about the task.
impl Task {
    pub(super) fn belongs_to(&self, principal: &Principal) -> bool {
        self.principal == *principal
    }

    /// Begins the result of a call that became this task.
    pub(super) fn created(&self) -> ResultBody {
        self.describe(&self.state(), "working", None)
    }

    /// Begins the result of `tasks/get`.
    pub(super) fn current(&self) -> ResultBody {
        let state = self.state();
        match &state.status {
            TaskStatus::Working { message, questions, .. } if questions.is_empty() => {
                self.describe(&state, "working", message.as_deref())
            }
            TaskStatus::Working { message, questions, .. } => {
                let open = questions.iter().map(|question| (&*question.key, &question.request));
                let mut body = self.describe(&state, "input_required", message.as_deref());
                body.member("inputRequests", &InputRequests(open));
                body
            }
            TaskStatus::Completed(result) => {
                let mut body = self.describe(&state, "completed", None);
                body.raw("result", result);
                body
            }
            TaskStatus::Failed(error) => {
                let mut body = self.describe(&state, "failed", None);
                body.raw("error", error);
                body
            }
            TaskStatus::Cancelled => self.describe(&state, "cancelled", None),
        }
    }

    /// Begins a result with the members that every status has.
    fn describe(&self, state: &TaskState, status: &'static str, message: Option<&str>) -> ResultBody {
        let mut body = ResultBody::new();
        body.member("taskId", &self.id);
        body.member("status", &status);
        if let Some(message) = message {
            body.member("statusMessage", &message);
        }
        body.member("createdAt", &timestamp(self.created));
        body.member("lastUpdatedAt", &timestamp(self.created + (state.updated - self.began)));
        body.member("ttlMs", &u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX));
        body.member("pollIntervalMs", &POLL_INTERVAL_MS);
        body
    }

    fn is_over(&self) -> bool {
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
    pub(super) fn attach(&self, handle: AbortHandle) {
        match &mut self.state().status {
            TaskStatus::Working { work, .. } => *work = Some(handle),
            _ => handle.abort(),
        }
    }

    /// Sets the status message.
    pub(super) fn set_message(&self, text: String) {
        self.change(|status| {
            if let TaskStatus::Working { message, .. } = status {
                *message = Some(text);
            }
        });
    }

    /// Ends the task with a result or an error.
    pub(super) fn finish(&self, result: &Result<Vec<u8>, Error>) {
        self.change(|status| {
            *status = match result {
                Ok(result) => TaskStatus::Completed(result.clone()),
                Err(error) => TaskStatus::failed(error),
            };
        });
    }

    /// Ends the task because the client cancelled it, or because it expired.
    pub(super) fn cancel(&self) {
        self.end(TaskStatus::Cancelled);
    }

    /// Fails the task because the server stops.
    fn abort(&self) {
        self.end(TaskStatus::failed(&stopping()));
    }

    /// Completes when the task is over.
    pub(super) async fn over(&self) {
        self.over.wait().await;
    }

    /// Asks the client, which finds the questions when it polls the task.
    pub(super) async fn ask(&self, questions: Vec<KeyedRequest>, timeout: Duration) -> Result<Vec<RawAnswer>, Error> {
        let count = questions.len();
        let mut guards = Vec::with_capacity(count);
        self.change(|status| {
            if let TaskStatus::Working { questions: open, .. } = status {
                for KeyedRequest { key, request, .. } in questions {
                    let (answer, receiver) = oneshot::channel();
                    open.push(TaskQuestion { key: key.clone(), request, answer });
                    guards.push(TaskQuestionGuard { task: self, key, receiver });
                }
            }
        });
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
    pub(super) fn answer(&self, answers: Option<&RawValue>) -> Result<(), Error> {
        let mut answers = read_answers(answers.ok_or_else(answers_must_be_object)?)?;
        let mut state = self.state();
        let TaskState { updated, status: TaskStatus::Working { questions, .. } } = &mut *state else { return Ok(()) };
        let is_wrong = |open: &&TaskQuestion| answers.get(&open.key).is_some_and(|answer| !is_object(answer));
        if let Some(TaskQuestion { key, .. }) = questions.iter().find(is_wrong) {
            let key = truncated(key);
            return Err(Error::invalid_params(format!("Invalid params: the answer to `{key}`: it must be an object")));
        }
        *updated = Instant::now();
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::response::ResultKind;
    use crate::protocol::version::ProtocolVersion;

    fn begin(tasks: &mut Tasks) -> Result<Arc<Task>, Error> {
        tasks.begin(Principal::of(None), RequiredScopes::Composed(Box::default()))
    }

    fn current(task: &Task) -> String {
        let json = task.current().finish(ProtocolVersion::V2025_11_25, ResultKind::Complete, b"");
        let json = String::from_utf8(json).expect("UTF-8");
        json.strip_suffix('}').expect("an object").to_owned()
    }

    #[tokio::test]
    async fn the_work_of_a_task_that_was_ended_at_once_is_ended() {
        for end in [Task::cancel, Task::abort] {
            let task = begin(&mut Tasks::default()).expect("a task");
            let work = tokio::spawn(std::future::pending::<()>());
            end(&task);
            task.attach(work.abort_handle());
            assert!(work.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_has_failed_and_what_was_over_stays_so() {
        let mut tasks = Tasks::default();
        let (running, done, cancelled) = (begin(&mut tasks), begin(&mut tasks), begin(&mut tasks));
        let [running, done, cancelled] = [running, done, cancelled].map(|task| task.expect("a task"));
        let work = tokio::spawn(std::future::pending::<()>());
        running.attach(work.abort_handle());
        done.finish(&Ok(b"{\"content\":[]}".to_vec()));
        cancelled.cancel();
        assert_eq!(tasks.stop().len(), 1);
        tasks.abort();
        running.over().await;
        assert!(work.await.is_err_and(|error| error.is_cancelled()));
        let failed = current(&running);
        assert!(failed.contains(r#""status":"failed""#), "{failed}");
        assert!(failed.ends_with(r#""error":{"code":-32603,"message":"The server is shutting down"}"#), "{failed}");
        assert!(current(&done).contains(r#""status":"completed""#));
        assert!(current(&cancelled).contains(r#""status":"cancelled""#));
        let error = begin(&mut tasks).err().expect("no further one");
        assert_eq!(error.message(), "The server is shutting down");
    }
}
