//! Calls that outlive their request (the extension `io.modelcontextprotocol/tasks`): the client asks now and then how
//! far they are.

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

/// How often a client should ask, in milliseconds.
const POLL_INTERVAL_MS: u64 = 500;

/// The tasks of a server. They live in this process: a restart ends them, and no other instance knows them.
#[derive(Default)]
pub(crate) struct Tasks {
    known: HashMap<String, Arc<Task>>,
    limits: StateLimits,
    /// Set once the server stops: then no task begins any more.
    stopping: bool,
}

impl Tasks {
    pub(super) fn set_limits(&mut self, limits: StateLimits) {
        self.limits = limits;
    }

    /// Begins a task of `principal`, who alone will be told about it.
    pub(super) fn begin(&mut self, principal: Principal, needed: RequiredScopes) -> Result<Arc<Task>, Error> {
        if self.stopping {
            return Err(stopping());
        }
        self.forget();
        if self.known.len() >= self.limits.tasks && !self.make_room() {
            return Err(Error::internal(format!("More than {} tasks at once; try again later", self.limits.tasks)));
        }
        let id = random_id()?;
        let status = Status::Working { message: None, questions: Vec::new(), work: None };
        let began = Instant::now();
        let task = Arc::new(Task {
            id: id.clone(),
            principal,
            needed,
            created: SystemTime::now(),
            began,
            lifetime: self.limits.task_lifetime,
            state: Mutex::new(State { updated: began, status }),
            over: Latch::default(),
        });
        self.known.insert(id, Arc::clone(&task));
        Ok(task)
    }

    /// Forgets a task that is over, if there is one: the oldest of whoever has most of them, so that nobody makes those
    /// of others go.
    fn make_room(&mut self) -> bool {
        let mut over: HashMap<&str, Vec<&Arc<Task>>> = HashMap::new();
        for task in self.known.values().filter(|task| task.is_over()) {
            over.entry(task.principal.as_str()).or_default().push(task);
        }
        let most = over.into_values().max_by_key(Vec::len).unwrap_or_default();
        let oldest = most.into_iter().min_by_key(|task| task.began).map(|task| task.id.clone());
        oldest.and_then(|id| self.known.remove(&id)).is_some()
    }

    /// The task with this id.
    pub(super) fn find(&mut self, id: &str) -> Option<Arc<Task>> {
        self.forget();
        self.known.get(id).cloned()
    }

    /// What is over its time is ended and gone.
    fn forget(&mut self) {
        self.known.retain(|_, task| {
            let keep = task.began.elapsed() < task.lifetime;
            if !keep {
                task.cancel();
            }
            keep
        });
    }
}

/// The end of the server.
impl Tasks {
    /// Begins no further tasks, and gives those that run.
    pub(super) fn stop(&mut self) -> Vec<Arc<Task>> {
        self.stopping = true;
        self.known.values().filter(|task| !task.is_over()).cloned().collect()
    }

    /// Begins no further tasks, and ends those that run.
    pub(super) fn cut_off(&mut self) {
        self.stop().iter().for_each(|task| task.cut_off());
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.cut_off();
    }
}

fn stopping() -> Error {
    Error::internal("The server is shutting down")
}

/// Whether a request can become a task, and whether it has.
#[derive(Default)]
pub(super) struct TaskSlot {
    offer: OnceLock<Offer>,
    begun: OnceLock<Arc<Task>>,
    signal: Notify,
}

enum Offer {
    /// The tool could, but the client does not know tasks.
    Unknown,
    /// A task of this principal, which needs these scopes.
    Of { principal: Principal, needed: RequiredScopes },
}

impl TaskSlot {
    pub(super) fn offer_none(&self) {
        // Each request is offered one once.
        let _ = self.offer.set(Offer::Unknown);
    }

    pub(super) fn offer(&self, principal: Principal, needed: RequiredScopes) {
        let _ = self.offer.set(Offer::Of { principal, needed });
    }

    /// Becomes a task, if the client knows them. Says whether it is one now.
    pub(super) fn begin(&self, tasks: &Mutex<Tasks>) -> Result<bool, Error> {
        let (principal, needed) = match self.offer.get() {
            _ if self.begun.get().is_some() => return Ok(true),
            Some(Offer::Of { principal, needed }) => (principal.clone(), needed.clone()),
            Some(Offer::Unknown) => return Ok(false),
            None => return Err(Error::internal("Only a tool with `#[mcp::tool(task)]` can become a task")),
        };
        let task = locked(tasks).begin(principal, needed)?;
        let _ = self.begun.set(task);
        self.signal.notify_one();
        Ok(true)
    }

    pub(super) fn begun(&self) -> Option<&Arc<Task>> {
        self.begun.get()
    }

    /// Waits for the task.
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

/// One call that outlives its request.
pub(crate) struct Task {
    id: String,
    principal: Principal,
    /// What its tool needs, and so what everyone needs who asks about it.
    pub(super) needed: RequiredScopes,
    /// For people. Everything else counts from when it began, on a clock that nobody sets.
    created: SystemTime,
    began: Instant,
    lifetime: Duration,
    state: Mutex<State>,
    /// Returns `true` if its state is the last one.
    over: Latch,
}

struct State {
    updated: Instant,
    status: Status,
}

enum Status {
    Working {
        message: Option<String>,
        /// What the client has to answer before it can go on.
        questions: Vec<Question>,
        work: Option<AbortHandle>,
    },
    /// With the result, as JSON.
    Completed(Vec<u8>),
    /// With the error, as JSON.
    Failed(Vec<u8>),
    Cancelled,
}

impl Status {
    fn failed(error: &Error) -> Self {
        let mut json = Vec::new();
        push_error(&mut json, error);
        Self::Failed(json)
    }
}

struct Question {
    /// Unique within the task.
    key: String,
    request: InputRequest,
    /// What takes the answer.
    answer: oneshot::Sender<RawAnswer>,
}

/// What the client is told.
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
            Status::Working { message, questions, .. } if questions.is_empty() => {
                self.describe(&state, "working", message.as_deref())
            }
            Status::Working { message, questions, .. } => {
                let open = questions.iter().map(|question| (&*question.key, &question.request));
                let mut body = self.describe(&state, "input_required", message.as_deref());
                body.member("inputRequests", &InputRequests(open));
                body
            }
            Status::Completed(result) => {
                let mut body = self.describe(&state, "completed", None);
                body.raw("result", result);
                body
            }
            Status::Failed(error) => {
                let mut body = self.describe(&state, "failed", None);
                body.raw("error", error);
                body
            }
            Status::Cancelled => self.describe(&state, "cancelled", None),
        }
    }

    fn describe(&self, state: &State, status: &'static str, message: Option<&str>) -> ResultBody {
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
        !matches!(self.state().status, Status::Working { .. })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Changes the state of a task that is not over yet.
    fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut state = self.state();
        if matches!(state.status, Status::Working { .. }) {
            state.updated = Instant::now();
            change(&mut state.status);
            if !matches!(state.status, Status::Working { .. }) {
                self.over.set();
            }
        }
    }

    /// Ends the work of a task that is not over yet.
    fn end(&self, end: Status) {
        self.change(|status| {
            if let Status::Working { work: Some(work), .. } = status {
                work.abort();
            }
            *status = end;
        });
    }
}

/// What happens to it.
impl Task {
    /// Makes the work stop when the task does, or at once if that is over already.
    pub(super) fn attach(&self, handle: AbortHandle) {
        match &mut self.state().status {
            Status::Working { work, .. } => *work = Some(handle),
            _ => handle.abort(),
        }
    }

    /// Says how far it is.
    pub(super) fn tell(&self, text: String) {
        self.change(|status| {
            if let Status::Working { message, .. } = status {
                *message = Some(text);
            }
        });
    }

    /// Ends with a result, or with an error.
    pub(super) fn finish(&self, result: &Result<Vec<u8>, Error>) {
        self.change(|status| {
            *status = match result {
                Ok(result) => Status::Completed(result.clone()),
                Err(error) => Status::failed(error),
            };
        });
    }

    pub(super) fn cancel(&self) {
        self.end(Status::Cancelled);
    }

    /// Ends because the server does, which the client did not ask for.
    fn cut_off(&self) {
        self.end(Status::failed(&stopping()));
    }

    /// Ready when it is over.
    pub(super) async fn over(&self) {
        self.over.wait().await;
    }

    /// Asks the client, who sees the questions when it asks how far the task is.
    pub(super) async fn ask(&self, questions: Vec<KeyedRequest>, timeout: Duration) -> Result<Vec<RawAnswer>, Error> {
        let count = questions.len();
        let mut asked = Vec::with_capacity(count);
        self.change(|status| {
            if let Status::Working { questions: open, .. } = status {
                for KeyedRequest { key, request, .. } in questions {
                    let (answer, receiver) = oneshot::channel();
                    open.push(Question { key: key.clone(), request, answer });
                    asked.push(Asked { task: self, key, receiver });
                }
            }
        });
        let over = || Error::internal("The task is over");
        let mut time = std::pin::pin!(tokio::time::sleep(timeout));
        let mut answers = Vec::with_capacity(count);
        for mut asked in asked {
            tokio::select! {
                biased;
                answer = &mut asked.receiver => answers.push(answer.map_err(|_| over())?),
                () = &mut time => return Err(question_timed_out(&asked.key, timeout)),
            }
        }
        if answers.len() == count { Ok(answers) } else { Err(over()) }
    }

    /// Takes the answers of a client. Those that nobody waits for are ignored.
    pub(super) fn answer(&self, answers: Option<&RawValue>) -> Result<(), Error> {
        let mut answers = read_answers(answers.ok_or_else(answers_must_be_object)?)?;
        let mut state = self.state();
        let State { updated, status: Status::Working { questions, .. } } = &mut *state else { return Ok(()) };
        let is_wrong = |open: &&Question| answers.get(&open.key).is_some_and(|answer| !is_object(answer));
        if let Some(Question { key, .. }) = questions.iter().find(is_wrong) {
            let key = truncated(key);
            return Err(Error::invalid_params(format!("Invalid params: the answer to `{key}`: it must be an object")));
        }
        *updated = Instant::now();
        for question in std::mem::take(questions) {
            match answers.remove(&question.key) {
                // Whoever asked may have gone meanwhile.
                Some(answer) => drop(question.answer.send(answer)),
                None => questions.push(question),
            }
        }
        Ok(())
    }
}

/// A question that is open. When nobody waits for the answer any more, it is closed.
struct Asked<'t> {
    task: &'t Task,
    key: String,
    receiver: oneshot::Receiver<RawAnswer>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if let Status::Working { questions, .. } = &mut self.task.state().status {
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
        for end in [Task::cancel, Task::cut_off] {
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
        tasks.cut_off();
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
