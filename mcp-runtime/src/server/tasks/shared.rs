//! Tasks that every instance can find, update and cancel.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::address::TaskAddress;
use super::record::StoredTask;
use super::task::{Task, TaskOwner};
use super::tenure::{self, RENEWAL, Renewal};
use crate::auth::ProtectedResource;
use crate::backplane::Unavailable;
use crate::backplane::codec::{decode, encode};
use crate::backplane::connection::READ_TIMEOUT;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::backplane::requests::Patience;
use crate::backplane::topic::{Receiver, ReplyFuture, Topic};
use crate::json::truncate::truncated;
use crate::protocol::error::{Error, SentError};
use crate::protocol::response::ResultBody;
use crate::seal::random_id;

/// Limits the time of whatever a client waits for.
const TIMEOUT: Duration = Duration::from_millis(1800);

/// The times of a request to the owner of a task. Enough of [`TIMEOUT`] is left to read the record afterwards.
const PATIENCE: Patience = Patience { resend: Duration::from_millis(250), limit: Duration::from_millis(1000) };

/// The time before the next attempt to write a record or a tenure.
const RETRY: Duration = Duration::from_millis(500);

/// The time between two changes of a record, so that progress of a task does not flood the engine.
const WRITE_INTERVAL: Duration = Duration::from_millis(50);

/// The tasks of an instance, as far as the other instances have a part in them.
///
/// The instance that runs a task, its owner, writes the record of the task at each change. Every instance answers
/// `tasks/get` from the record, and passes updates and cancellations on to the owner.
pub(crate) struct SharedTasks {
    link: Arc<Link>,
    resource: Option<Arc<ProtectedResource>>,
    own: Weak<dyn OwnTasks>,
    /// This value, for what goes on beside requests.
    this: Weak<Self>,
    tenure: tokio::sync::Mutex<Option<Tenure>>,
}

/// The tasks that this instance runs.
pub(super) trait OwnTasks: Send + Sync {
    /// Returns the task with this id.
    fn by_id(&self, id: &str) -> Option<Arc<Task>>;

    /// Returns the tasks of a tenure.
    fn of_tenure(&self, tenure: &str) -> Vec<Arc<Task>>;
}

/// The tenure in which this instance runs its tasks.
struct Tenure {
    name: Arc<str>,
    renewal: AbortHandle,
}

/// A request to the owner of a task.
#[derive(Debug, Serialize, Deserialize)]
enum TaskQuery {
    /// Delivers answers to questions.
    Update {
        id: String,
        answers: Box<RawValue>,
    },
    Cancel {
        id: String,
    },
    /// Writes the record again, which is gone.
    Store {
        id: String,
    },
}

/// The reply of the owner of a task.
#[derive(Debug, Serialize, Deserialize)]
enum TaskReply {
    /// The request took effect, and the record has it.
    Done,
    Refused(SentError),
    /// The owner does not have the task any longer.
    Unknown,
    /// It is unknown if the record has the effect of the request.
    Undecided,
}

impl SharedTasks {
    pub(super) fn new(link: Arc<Link>, resource: Option<Arc<ProtectedResource>>, own: Weak<dyn OwnTasks>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            link,
            resource,
            own,
            this: Weak::clone(this),
            tenure: tokio::sync::Mutex::default(),
        })
    }

    /// Returns the id of a new task.
    pub(super) fn id(&self, owner: &TaskOwner) -> String {
        TaskAddress::seal(&self.link, owner)
    }

    /// Returns the address of a task, if some instance made its id.
    pub(super) fn address(&self, id: &str) -> Option<TaskAddress> {
        TaskAddress::open(&self.link, self.resource.as_deref(), id)
    }
}

/// Requests of clients.
impl SharedTasks {
    /// Returns the status of a task.
    ///
    /// # Errors
    /// There is no such task, or the engine is unavailable.
    pub(crate) async fn current(&self, address: &TaskAddress, id: &str) -> Result<ResultBody, Error> {
        let found = in_time(async {
            match self.find(id).await? {
                Some(stored) => Ok(Some(stored)),
                // The engine may have lost the record, which the owner has.
                None => match self.ask(address, &TaskQuery::Store { id: id.to_owned() }).await? {
                    TaskReply::Unknown => Ok(None),
                    _ => self.find(id).await?.map(Some).ok_or(Unavailable),
                },
            }
        });
        Ok(found.await?.ok_or_else(|| unknown_task(id))?.current(id))
    }

    /// Delivers answers to the questions of a task.
    ///
    /// # Errors
    /// There is no such task, an answer is invalid, or it is unknown if the answers were taken.
    pub(crate) async fn update(&self, address: &TaskAddress, id: &str, answers: Box<RawValue>) -> Result<(), Error> {
        self.send(address, id, &TaskQuery::Update { id: id.to_owned(), answers }).await
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// There is no such task, or it is unknown if the task was cancelled.
    pub(crate) async fn cancel(&self, address: &TaskAddress, id: &str) -> Result<(), Error> {
        self.send(address, id, &TaskQuery::Cancel { id: id.to_owned() }).await
    }

    /// Sends a request to the owner of a task. A task that is over needs no owner.
    async fn send(&self, address: &TaskAddress, id: &str, query: &TaskQuery) -> Result<(), Error> {
        let sent = in_time(async {
            match self.ask(address, query).await {
                Ok(TaskReply::Done) => Ok(Ok(())),
                Ok(TaskReply::Refused(error)) => Ok(Err(error.into())),
                Ok(TaskReply::Undecided) => Err(Unavailable),
                Ok(TaskReply::Unknown) => match self.find(id).await? {
                    Some(stored) if stored.is_over() => Ok(Ok(())),
                    Some(_) => Err(Unavailable),
                    None => Ok(Err(unknown_task(id))),
                },
                Err(Unavailable) => match self.find(id).await? {
                    Some(stored) if stored.is_over() => Ok(Ok(())),
                    _ => Err(Unavailable),
                },
            }
        });
        sent.await?
    }

    /// Reads the record of a task, and fails the task if its owner is gone.
    async fn find(&self, id: &str) -> Result<Option<StoredTask>, Unavailable> {
        let Some(stored): Option<StoredTask> = self.link.records().read(record(id), READ_TIMEOUT).await? else {
            return Ok(None);
        };
        let lifetime = Duration::from_millis(stored.ttl_ms);
        if stored.is_over() || !tenure::is_over(&self.link, &stored.tenure, lifetime).await? {
            return Ok(Some(stored));
        }
        let mut last = None;
        let failed = self.link.records().update(record(id), stored.remaining(), |found: Option<StoredTask>| {
            last = found;
            let stored = last.as_mut().filter(|stored| !stored.is_over())?;
            stored.fail();
            Some(stored.clone())
        });
        failed.await?;
        Ok(last)
    }

    /// Sends a request to the owner of a task, which may be this instance.
    async fn ask(&self, address: &TaskAddress, query: &TaskQuery) -> Result<TaskReply, Unavailable> {
        let query = encode(query);
        if address.owner == self.link.envelopes().own() {
            return self.reply(decode(&query).ok_or(Unavailable)?).await;
        }
        let reply = self.link.ask(address.owner, Topic::Tasks, &query, PATIENCE).await?;
        decode(&reply).ok_or(Unavailable)
    }
}

/// The part of the owner.
impl SharedTasks {
    /// Creates the record of a task, and keeps it true from then on.
    ///
    /// # Errors
    /// The engine is unavailable. The task is cancelled then, as it is if the future is dropped.
    pub(crate) async fn create(self: &Arc<Self>, task: &Arc<Task>) -> Result<(), Error> {
        let (this, written) = (Arc::clone(self), Arc::clone(task));
        let writer = tokio::spawn(async move { this.write(&written).await }).abort_handle();
        let mut creation = Creation { task, writer, is_done: false };
        in_time(async {
            task.publication.created.wait().await;
            Ok(())
        })
        .await?;
        creation.is_done = true;
        Ok(())
    }

    /// Writes the record of a task at each change, until the task is over.
    async fn write(self: Arc<Self>, task: &Task) {
        loop {
            match self.store(task).await {
                Ok(is_over) => {
                    task.publication.created.set();
                    if is_over {
                        return task.publication.ended.set();
                    }
                    sleep(WRITE_INTERVAL).await;
                    task.publication.changed.notified().await;
                }
                Err(Unavailable) if task.is_expired() || self.own.strong_count() == 0 => {
                    return task.publication.ended.set();
                }
                Err(Unavailable) => sleep(RETRY).await,
            }
        }
    }

    /// Writes the record of a task, in its tenure or in the present one. Returns `true` if the task is over.
    async fn store(&self, task: &Task) -> Result<bool, Unavailable> {
        let tenure = match task.publication.tenure.get() {
            Some(tenure) => tenure,
            None => {
                let tenure = self.tenure().await?;
                task.publication.tenure.get_or_init(|| tenure)
            }
        };
        self.store_in(tenure, task).await
    }

    /// Writes the record of a task in a tenure. Returns `true` if the task is over.
    ///
    /// A final status never changes: if another instance failed the task, the work ends.
    async fn store_in(&self, tenure: &str, task: &Task) -> Result<bool, Unavailable> {
        let (mut is_over, mut found_over) = (false, false);
        let stored = self.link.records().update(record(&task.id), task.remaining(), |found: Option<StoredTask>| {
            found_over = found.is_some_and(|stored| stored.is_over());
            let stored = (!found_over).then(|| task.stored(tenure))?;
            is_over = stored.is_over();
            Some(stored)
        });
        stored.await?;
        if found_over {
            task.disown();
        }
        Ok(is_over || found_over)
    }

    /// Returns the tenure of this instance, and begins one if there is none.
    async fn tenure(&self) -> Result<Arc<str>, Unavailable> {
        let mut tenure = self.tenure.lock().await;
        if let Some(tenure) = &*tenure {
            return Ok(Arc::clone(&tenure.name));
        }
        let name: Arc<str> = random_id().map_err(|_| Unavailable)?.into();
        tenure::renew(&self.link, &name).await?;
        let renewal = tokio::spawn(renew(Weak::clone(&self.this), Arc::clone(&name))).abort_handle();
        *tenure = Some(Tenure { name: Arc::clone(&name), renewal });
        Ok(name)
    }

    /// Renews the tenure of this instance. Returns `false` if another instance declared it over.
    async fn keep(&self, name: &str) -> Result<bool, Unavailable> {
        let renewal = tenure::renew(&self.link, name).await?;
        if matches!(renewal, Renewal::Renewed) {
            return Ok(true);
        }
        let Some(own) = self.own.upgrade() else { return Ok(false) };
        let of_tenure = own.of_tenure(name);
        if matches!(renewal, Renewal::Over) {
            *self.tenure.lock().await = None;
            of_tenure.iter().for_each(|task| task.disown());
            tracing::warn!(
                tasks = of_tenure.len(),
                "the other instances did not hear of this one for too long, so that its tasks have failed"
            );
            return Ok(false);
        }
        for task in of_tenure {
            self.store_in(name, &task).await?;
        }
        Ok(true)
    }

    /// Removes the record of a task that this instance evicted.
    pub(super) fn forget(&self, id: &str) {
        let (link, id) = (Arc::clone(&self.link), id.to_owned());
        tokio::spawn(async move { link.records().remove(record(&id)).await });
    }

    /// Waits until the records of tasks have their end, before this instance ends.
    pub(in crate::server) async fn finish(&self, tasks: Vec<Arc<Task>>) {
        let ended = async {
            for task in tasks.iter().filter(|task| task.publication.created.is_true()) {
                task.publication.ended.wait().await;
            }
        };
        // Otherwise other instances fail these tasks after a while.
        let _ = timeout(TIMEOUT, ended).await;
    }

    /// Replies to a request about a task of this instance.
    async fn reply(&self, query: TaskQuery) -> Result<TaskReply, Unavailable> {
        let (TaskQuery::Update { id, .. } | TaskQuery::Cancel { id } | TaskQuery::Store { id }) = &query;
        let own = self.own.upgrade().ok_or(Unavailable)?;
        let Some(task) = own.by_id(id) else { return Ok(TaskReply::Unknown) };
        match &query {
            TaskQuery::Update { answers, .. } => {
                if let Err(error) = task.answer(Some(answers)) {
                    return Ok(TaskReply::Refused((&error).into()));
                }
            }
            TaskQuery::Cancel { .. } => task.cancel(),
            TaskQuery::Store { .. } => {}
        }
        Ok(if self.store(&task).await.is_ok() { TaskReply::Done } else { TaskReply::Undecided })
    }
}

impl Drop for SharedTasks {
    fn drop(&mut self) {
        if let Some(tenure) = self.tenure.get_mut() {
            tenure.renewal.abort();
        }
    }
}

/// Renews a tenure until it is over, or its server has ended.
async fn renew(shared: Weak<SharedTasks>, name: Arc<str>) {
    loop {
        sleep(RENEWAL).await;
        loop {
            let Some(shared) = shared.upgrade() else { return };
            match shared.keep(&name).await {
                Ok(true) => break,
                Ok(false) => return,
                Err(Unavailable) => {
                    drop(shared);
                    sleep(RETRY).await;
                }
            }
        }
    }
}

/// A task whose record is not there yet. Dropping it cancels the task, which no client will know.
struct Creation<'t> {
    task: &'t Task,
    writer: AbortHandle,
    is_done: bool,
}

impl Drop for Creation<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.writer.abort();
            self.task.cancel();
        }
    }
}

/// The receiver of requests about tasks, which ends with its server.
pub(in crate::server) struct TaskReceiver(pub(in crate::server) Weak<SharedTasks>);

impl Receiver for TaskReceiver {
    fn receive(&self, _message: &[u8]) {}

    fn miss(&self) {}

    fn reply(&self, request: Vec<u8>) -> Option<ReplyFuture> {
        let (shared, query) = (self.0.upgrade()?, decode(&request)?);
        Some(Box::pin(async move {
            // An owner that cannot tell is one that the asker may ask again.
            encode(&shared.reply(query).await.unwrap_or(TaskReply::Undecided))
        }))
    }
}

/// Limits the time of a request of a client.
async fn in_time<T>(work: impl Future<Output = Result<T, Unavailable>>) -> Result<T, Error> {
    let done = timeout(TIMEOUT, work).await.unwrap_or(Err(Unavailable));
    done.map_err(|unavailable| Error::overloaded(unavailable.to_string()))
}

/// Returns the error for a task that does not exist, or of another principal.
pub(crate) fn unknown_task(id: &str) -> Error {
    Error::invalid_params(format!("Unknown task: {}", truncated(id)))
}

fn record(id: &str) -> RecordName<'_> {
    RecordName { kind: "task", key: id.as_bytes() }
}
