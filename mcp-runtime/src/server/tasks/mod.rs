//! Calls that outlive their request (the extension `io.modelcontextprotocol/tasks`), whose status the client polls.

pub(crate) mod slot;
pub(crate) mod task;

use std::collections::HashMap;
use std::sync::Arc;

use self::task::{Task, stopping};
use crate::auth::{Principal, RequiredScopes};
use crate::limits::StateLimits;
use crate::protocol::error::Error;
use crate::seal::random_id;

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
        let task = Arc::new(Task::new(id.clone(), principal, needed, self.limits.task_lifetime));
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
            let keep = !task.is_expired();
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
        done.finish(Ok(b"{\"content\":[]}"));
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
