//! The place of the task that a request can become.

use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::Notify;

use super::Tasks;
use super::task::{Task, TaskOwner};
use crate::lock::locked;
use crate::protocol::error::Error;

/// The place of the task that a request can become.
#[derive(Default)]
pub(crate) struct TaskSlot {
    offer: OnceLock<TaskOffer>,
    begun: OnceLock<Arc<Task>>,
    signal: Notify,
}

/// The permission to become a task.
enum TaskOffer {
    /// The tool allows tasks, but the client does not support them.
    Unsupported,
    /// A task is possible, of this owner.
    Allowed(TaskOwner),
}

impl TaskSlot {
    /// Records that the client does not support tasks.
    pub(crate) fn offer_none(&self) {
        // Each request gets one offer, so that the slot is empty.
        let _ = self.offer.set(TaskOffer::Unsupported);
    }

    /// Allows the request to become a task.
    pub(crate) fn offer(&self, owner: TaskOwner) {
        let _ = self.offer.set(TaskOffer::Allowed(owner));
    }

    /// Begins the task, if the client supports tasks. Returns `true` if there is a task now.
    pub(crate) fn begin(&self, tasks: &Mutex<Tasks>) -> Result<bool, Error> {
        let owner = match self.offer.get() {
            _ if self.begun.get().is_some() => return Ok(true),
            Some(TaskOffer::Allowed(owner)) => owner.clone(),
            Some(TaskOffer::Unsupported) => return Ok(false),
            None => return Err(Error::internal("Only a tool with `#[mcp::tool(task)]` can become a task")),
        };
        let task = locked(tasks).begin(owner)?;
        let _ = self.begun.set(task);
        self.signal.notify_one();
        Ok(true)
    }

    /// Returns the task, if it has begun.
    pub(crate) fn begun(&self) -> Option<&Arc<Task>> {
        self.begun.get()
    }

    /// Waits until the task begins.
    pub(crate) async fn wait(&self) -> &Arc<Task> {
        loop {
            let signal = self.signal.notified();
            if let Some(task) = self.begun.get() {
                return task;
            }
            signal.await;
        }
    }
}
