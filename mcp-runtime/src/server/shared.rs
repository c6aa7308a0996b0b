//! The part of a running server that its methods may reach.

use std::any::Any;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::asking::state::StateRules;
use super::changes::subscriptions::Listeners;
use super::rates::limiter::RateLimiter;
use super::tasks::Tasks;
use super::tasks::shared::SharedTasks;
use crate::auth::audit::{Audit, Auditor};
use crate::auth::{AccessToken, Account, ProtectedResource};
use crate::backplane::link::Link;
use crate::budget::{AccountKey, Budget};
use crate::limits::Limits;
use crate::lock::locked;
use crate::seal::StateKeys;
use crate::throttle::Throttle;

/// State that outlives a request: the server's object, sealed states, tasks, listeners for changes, and the use of rates.
///
/// It names neither the catalog nor a method, so that a method can hold it.
pub(crate) struct Shared {
    server: Arc<dyn Any + Send + Sync>,
    states: RwLock<StateRules>,
    tasks: Arc<Mutex<Tasks>>,
    listeners: Arc<Listeners>,
    /// The protected resource that the server is. Absent for an open server.
    resource: RwLock<Option<Arc<ProtectedResource>>>,
    auditor: RwLock<Auditor>,
    limiter: RateLimiter,
    budget: Budget,
    /// Limits the lines in the log about methods that ignore the missing answer to a question.
    ignored_questions: Throttle,
    /// The link to other instances. Absent for a server that runs alone.
    link: OnceLock<Arc<Link>>,
}

impl Shared {
    /// Creates the state of a server, by its object.
    pub(super) fn new(server: Arc<dyn Any + Send + Sync>) -> Self {
        let limits = Limits::default();
        let budget = Budget::new(limits.budget());
        Self {
            server,
            states: RwLock::default(),
            tasks: Arc::new(Mutex::new(Tasks::new(&budget, &limits))),
            listeners: Arc::default(),
            resource: RwLock::default(),
            auditor: RwLock::default(),
            limiter: RateLimiter::default(),
            budget,
            ignored_questions: Throttle::default(),
            link: OnceLock::new(),
        }
    }

    /// Returns the server, whose type is erased.
    pub(super) fn server(&self) -> &(dyn Any + Send + Sync) {
        &*self.server
    }

    /// Returns the listeners for changes.
    pub(crate) fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }

    /// Returns the reports to the operator.
    pub(crate) fn auditor(&self) -> Auditor {
        self.auditor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the hook that receives the reports.
    pub(crate) fn set_audit(&self, hook: Arc<dyn Audit>) {
        *self.auditor.write().unwrap_or_else(PoisonError::into_inner) = Auditor::new(hook);
    }

    /// Returns the calls that outlive their requests.
    pub(super) fn tasks(&self) -> &Arc<Mutex<Tasks>> {
        &self.tasks
    }

    /// Returns the use of rates.
    pub(super) fn limiter(&self) -> &RateLimiter {
        &self.limiter
    }

    /// Returns the link to other instances, unless the server runs alone.
    pub(super) fn link(&self) -> Option<&Arc<Link>> {
        self.link.get()
    }

    /// Links the server to other instances, once.
    pub(super) fn set_link(&self, link: Arc<Link>) {
        self.states.write().unwrap_or_else(PoisonError::into_inner).link = Some(Arc::clone(&link));
        self.limiter.share(Arc::clone(&link));
        drop(self.link.set(link));
    }

    /// Returns the rules for the sealed states of requests that need input.
    pub(crate) fn state_rules(&self) -> RwLockReadGuard<'_, StateRules> {
        self.states.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the timeout of a question.
    pub(super) fn question_timeout(&self) -> Duration {
        self.state_rules().limits.question_timeout
    }

    /// Returns the protected resource, unless the server is open.
    pub(crate) fn resource(&self) -> Option<Arc<ProtectedResource>> {
        self.resource.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the protected resource.
    pub(crate) fn set_resource(&self, resource: ProtectedResource) {
        *self.resource.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(resource));
    }

    /// Warns of a method that went on without the answer to its question.
    pub(super) fn warn_of_ignored_question(&self) {
        if let Some(suppressed) = self.ignored_questions.pass() {
            tracing::warn!(
                suppressed,
                "a method went on without the answer of its client; pass the error of a question on with `?`"
            );
        }
    }

    /// Replaces the keys of sealed states.
    pub(crate) fn set_state_keys(&self, keys: StateKeys) {
        self.states.write().unwrap_or_else(PoisonError::into_inner).keys = Arc::new(keys);
    }

    /// Returns the limits that accounts share.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Returns the account of a caller. The callers of an open server have none.
    pub(crate) fn account(&self, token: Option<&AccessToken>) -> Option<AccountKey> {
        token.map(|token| self.budget.key(Account::of(Some(token))))
    }

    /// Replaces the limits.
    pub(super) fn set_limits(&self, limits: &Limits) {
        self.budget.set_limits(limits.budget());
        locked(&self.tasks).set_limits(limits);
        self.limiter.set_max(limits.state.rates);
        self.states.write().unwrap_or_else(PoisonError::into_inner).set_limits(limits.state.clone());
    }

    /// Shares the tasks with other instances.
    pub(super) fn share_tasks(&self, link: Arc<Link>) -> Arc<SharedTasks> {
        Tasks::share(&self.tasks, link, self.resource())
    }

    /// Fails the running tasks, and waits until other instances know the ends of all.
    pub(super) async fn end_tasks(&self) {
        self.abort_tasks();
        let (shared, tasks) = {
            let tasks = locked(&self.tasks);
            (tasks.shared(), tasks.all())
        };
        if let Some(shared) = shared {
            shared.finish(tasks).await;
        }
    }

    /// Returns the part that other instances have in tasks. Absent for a server that runs alone.
    pub(super) fn shared_tasks(&self) -> Option<Arc<SharedTasks>> {
        locked(&self.tasks).shared()
    }

    /// Refuses new tasks, and waits for the running ones. Returns `true` if there were any.
    pub(crate) async fn finish_tasks(&self) -> bool {
        let running = locked(&self.tasks).stop();
        for task in &running {
            task.over().await;
        }
        !running.is_empty()
    }

    /// Refuses new tasks, and fails the running ones.
    pub(crate) fn abort_tasks(&self) {
        locked(&self.tasks).abort();
    }
}
