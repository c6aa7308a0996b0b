//! Calls that outlive their request (the extension `io.modelcontextprotocol/tasks`), whose status the client polls.

pub(crate) mod address;
mod record;
pub(crate) mod shared;
pub(crate) mod slot;
pub(crate) mod task;
mod tenure;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use self::address::TaskAddress;
use self::shared::{OwnTasks, SharedTasks};
use self::task::{Task, TaskOutcome, TaskOwner, stopping};
use crate::auth::{Principal, ProtectedResource, RequiredScopes};
use crate::backplane::link::Link;
use crate::budget::{AccountKey, Budget, FLAT_CHARGE, Pool};
use crate::limits::Limits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::seal::random_id;

/// The tasks of a server.
///
/// These run in this process, and a restart ends them. Without an engine, other instances do not know them.
pub(crate) struct Tasks {
    by_id: HashMap<String, Arc<Task>>,
    /// All tasks, oldest first.
    by_age: VecDeque<Arc<Task>>,
    places: Arc<Pool>,
    buffered: Arc<Pool>,
    results: Arc<Pool>,
    max_result_bytes: usize,
    lifetime: Duration,
    /// The part of other instances. Absent for a server that runs alone.
    shared: Option<Arc<SharedTasks>>,
    max_shared_result_bytes: usize,
    /// Refuses new tasks, because the server stops.
    stopping: bool,
}

impl Tasks {
    pub(super) fn new(budget: &Budget, limits: &Limits) -> Self {
        Self {
            by_id: HashMap::new(),
            by_age: VecDeque::new(),
            places: Arc::clone(&budget.tasks),
            buffered: Arc::clone(&budget.buffered),
            results: Arc::clone(&budget.task_results),
            max_result_bytes: max_result_bytes(limits),
            lifetime: limits.state.task_lifetime,
            shared: None,
            max_shared_result_bytes: limits.memory.shared_task_result_bytes,
            stopping: false,
        }
    }

    pub(super) fn set_limits(&mut self, limits: &Limits) {
        self.max_result_bytes = max_result_bytes(limits);
        self.max_shared_result_bytes = limits.memory.shared_task_result_bytes;
        self.lifetime = limits.state.task_lifetime;
    }

    /// Shares the tasks with other instances from now on.
    pub(super) fn share(
        this: &Arc<Mutex<Self>>,
        link: Arc<Link>,
        resource: Option<Arc<ProtectedResource>>,
    ) -> Arc<SharedTasks> {
        let own: Weak<dyn OwnTasks> = Arc::<Mutex<Self>>::downgrade(this);
        let shared = SharedTasks::new(link, resource, own);
        locked(this).shared = Some(Arc::clone(&shared));
        shared
    }

    /// Returns the part of other instances.
    pub(super) fn shared(&self) -> Option<Arc<SharedTasks>> {
        self.shared.clone()
    }

    /// Begins a task, which is visible to its principal only.
    pub(super) fn begin(&mut self, owner: TaskOwner) -> Result<Arc<Task>, Error> {
        if self.stopping {
            return Err(stopping());
        }
        self.evict_expired();
        let place = Arc::clone(&self.places).take_or_evict(owner.account, 1, |account| self.evict_finished(account));
        let place = place.map_err(Error::overloaded)?;
        // The head and the message pin the buffer of their connection, which may be gone. A longer message has a permit.
        let buffer = self.buffered.take(owner.account, FLAT_CHARGE);
        let buffer = buffer.map_err(|reason| Error::overloaded(self.buffered.refuse(reason)))?;
        let id = match &self.shared {
            Some(shared) => shared.id(&owner),
            None => random_id()?,
        };
        let task = Arc::new(Task::new(id.clone(), owner, self.lifetime, place, buffer));
        self.by_id.insert(id, Arc::clone(&task));
        self.by_age.push_back(Arc::clone(&task));
        Ok(task)
    }

    /// Ends a task with a result or an error, as JSON.
    ///
    /// # Errors
    /// There is no room for it. The task then has this error in its place.
    pub(super) fn finish(&mut self, task: &Task, outcome: TaskOutcome) -> Result<(), Error> {
        let TaskOutcome { json, .. } = &outcome;
        let limit = match &self.shared {
            Some(_) => self.max_result_bytes.min(self.max_shared_result_bytes),
            None => self.max_result_bytes,
        };
        let permit = if json.len() > limit {
            Err(format!("The result of the task is longer than {limit} bytes, which is all that is kept"))
        } else {
            let (results, account) = (Arc::clone(&self.results), task.owner.account);
            results.take_or_evict(account, json.len(), |account| self.evict_finished(account))
        };
        match permit {
            Ok(permit) => {
                task.finish(outcome, Some(permit));
                Ok(())
            }
            Err(message) => {
                let error = Error::internal(message);
                task.finish(TaskOutcome::error(&error), None);
                Err(error)
            }
        }
    }

    /// Evicts the oldest finished task of an account. Returns `true` if there was one.
    fn evict_finished(&mut self, account: Option<AccountKey>) -> bool {
        let oldest = self.by_age.iter().position(|task| task.owner.account == account && task.is_over());
        let Some(evicted) = oldest.and_then(|index| self.by_age.remove(index)) else { return false };
        if let Some(shared) = &self.shared {
            shared.forget(&evicted.id);
        }
        self.by_id.remove(&evicted.id).is_some()
    }

    /// Returns the task with this id, wherever it runs.
    pub(super) fn find(&mut self, id: &str) -> Option<FoundTask> {
        match &self.shared {
            Some(shared) => shared.address(id).map(|address| FoundTask::Shared(Arc::clone(shared), address)),
            None => self.by_id(id).map(FoundTask::Own),
        }
    }

    /// Returns the task of this instance with this id.
    fn by_id(&mut self, id: &str) -> Option<Arc<Task>> {
        self.evict_expired();
        self.by_id.get(id).filter(|task| !task.is_expired()).cloned()
    }

    /// Cancels and evicts tasks beyond their lifetime.
    fn evict_expired(&mut self) {
        while self.by_age.front().is_some_and(|task| task.is_expired())
            && let Some(expired) = self.by_age.pop_front()
        {
            expired.cancel();
            self.by_id.remove(&expired.id);
        }
    }
}

impl OwnTasks for Mutex<Tasks> {
    fn by_id(&self, id: &str) -> Option<Arc<Task>> {
        locked(self).by_id(id)
    }

    fn of_tenure(&self, tenure: &str) -> Vec<Arc<Task>> {
        locked(self).by_id.values().filter(|task| task.is_of(tenure)).cloned().collect()
    }
}

/// A task that a request names.
pub(crate) enum FoundTask {
    /// A task of a server that runs alone.
    Own(Arc<Task>),
    /// A task of any instance.
    Shared(Arc<SharedTasks>, TaskAddress),
}

impl FoundTask {
    /// Returns `true` if the task is one of this principal, by whose name no other one finds it.
    pub(crate) fn belongs_to(&self, principal: &Principal) -> bool {
        match self {
            Self::Own(task) => task.owner.principal == *principal,
            Self::Shared(_, address) => address.principal == *principal,
        }
    }

    /// Returns the scopes that requests about the task need.
    pub(crate) fn needed(&self) -> Option<&RequiredScopes> {
        match self {
            Self::Own(task) => Some(&task.owner.needed),
            Self::Shared(_, address) => address.needed.as_ref(),
        }
    }
}

/// Shutdown.
impl Tasks {
    /// Refuses new tasks, and returns the running ones.
    pub(super) fn stop(&mut self) -> Vec<Arc<Task>> {
        self.stopping = true;
        self.by_id.values().filter(|task| !task.is_over()).cloned().collect()
    }

    /// Returns all tasks.
    pub(super) fn all(&self) -> Vec<Arc<Task>> {
        self.by_id.values().cloned().collect()
    }

    /// Refuses new tasks, and fails the running ones.
    pub(super) fn abort(&mut self) {
        self.stop().iter().for_each(|task| task.abort());
    }
}

/// Returns the limit of a result, for which there can be room.
fn max_result_bytes(limits: &Limits) -> usize {
    limits.memory.task_result_bytes.min(limits.memory.task_results_bytes)
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::response::ResultKind;
    use crate::protocol::version::ProtocolVersion;

    fn tasks() -> Tasks {
        let limits = Limits::default();
        Tasks::new(&Budget::new(limits.budget()), &limits)
    }

    fn begin(tasks: &mut Tasks) -> Result<Arc<Task>, Error> {
        let needed = RequiredScopes::Composed(Box::default());
        tasks.begin(TaskOwner { principal: Principal::of(None), account: None, needed })
    }

    fn current(task: &Task) -> String {
        let json = task.current().finish(ProtocolVersion::V2025_11_25, ResultKind::Complete, b"");
        let json = String::from_utf8(json).expect("UTF-8");
        json.strip_suffix('}').expect("an object").to_owned()
    }

    #[tokio::test]
    async fn the_work_of_a_task_that_was_ended_at_once_is_ended() {
        for end in [Task::cancel, Task::abort] {
            let task = begin(&mut tasks()).expect("a task");
            let work = tokio::spawn(std::future::pending::<()>());
            end(&task);
            task.attach(work.abort_handle());
            assert!(work.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_has_failed_and_what_was_over_stays_so() {
        let mut tasks = tasks();
        let (running, done, cancelled) = (begin(&mut tasks), begin(&mut tasks), begin(&mut tasks));
        let [running, done, cancelled] = [running, done, cancelled].map(|task| task.expect("a task"));
        let work = tokio::spawn(std::future::pending::<()>());
        running.attach(work.abort_handle());
        tasks.finish(&done, TaskOutcome { json: b"{\"content\":[]}".to_vec(), is_error: false }).expect("room");
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
