//! The record of a task, which all instances share: its status, as clients see it.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::protocol::error::Error;
use crate::protocol::response::{ResultBody, push_error};
use crate::protocol::timestamp::timestamp;

/// The interval at which a client should poll, in milliseconds.
const POLL_INTERVAL_MS: u64 = 500;

/// The content of the record of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredTask {
    /// The tenure in which the owner runs the task.
    pub(super) tenure: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) ttl_ms: u64,
    /// The end of the task's lifetime, in milliseconds since 1970.
    pub(super) expiry_ms: u64,
    pub(super) status: StoredStatus,
}

/// The status of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum StoredStatus {
    Working {
        message: Option<String>,
        /// The unanswered questions, if there are some.
        questions: Option<Box<RawValue>>,
    },
    Ended {
        json: Box<RawValue>,
        is_error: bool,
    },
    Cancelled,
}

impl StoredTask {
    /// Returns `true` if the status is final.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.status, StoredStatus::Working { .. })
    }

    /// Fails the task, whose owner is gone.
    pub(super) fn fail(&mut self) {
        let mut json = Vec::new();
        push_error(&mut json, &owner_gone());
        if let Some(json) = raw(json) {
            self.updated_at = timestamp(SystemTime::now());
            self.status = StoredStatus::Ended { json, is_error: true };
        }
    }

    /// Returns the time until the task's lifetime ends.
    pub(super) fn remaining(&self) -> Duration {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Duration::from_millis(self.expiry_ms).saturating_sub(now)
    }

    /// Begins the result of `tasks/get`.
    pub(super) fn current(&self, id: &str) -> ResultBody {
        let status = match &self.status {
            StoredStatus::Working { message, questions } => ShownStatus::Working {
                message: message.as_deref(),
                questions: questions.as_ref().map(|questions| questions.get().as_bytes()),
            },
            StoredStatus::Ended { json, is_error } => {
                ShownStatus::Ended { json: json.get().as_bytes(), is_error: *is_error }
            }
            StoredStatus::Cancelled => ShownStatus::Cancelled,
        };
        status.describe(id, [&self.created_at, &self.updated_at], self.ttl_ms)
    }
}

/// The status of a task in a result. The questions and the outcome are JSON.
pub(super) enum ShownStatus<'a> {
    Working { message: Option<&'a str>, questions: Option<&'a [u8]> },
    Ended { json: &'a [u8], is_error: bool },
    Cancelled,
}

impl ShownStatus<'_> {
    /// Begins a result about a task.
    pub(super) fn describe(&self, id: &str, [created, updated]: [&String; 2], ttl_ms: u64) -> ResultBody {
        let (status, message, member) = match *self {
            Self::Working { message, questions: None } => ("working", message, None),
            Self::Working { message, questions: Some(json) } => {
                ("input_required", message, Some(("inputRequests", json)))
            }
            Self::Ended { json, is_error: false } => ("completed", None, Some(("result", json))),
            Self::Ended { json, is_error: true } => ("failed", None, Some(("error", json))),
            Self::Cancelled => ("cancelled", None, None),
        };
        let mut body = ResultBody::new();
        body.member("taskId", &id);
        body.member("status", &status);
        if let Some(message) = message {
            body.member("statusMessage", &message);
        }
        body.member("createdAt", created);
        body.member("lastUpdatedAt", updated);
        body.member("ttlMs", &ttl_ms);
        body.member("pollIntervalMs", &POLL_INTERVAL_MS);
        if let Some((name, json)) = member {
            body.raw(name, json);
        }
        body
    }
}

/// Returns JSON that this program wrote.
pub(super) fn raw(json: Vec<u8>) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from_utf8(json).ok()?).ok()
}

/// Creates the error of a task whose instance ended, or was cut off from the others.
pub(super) fn owner_gone() -> Error {
    Error::internal("The instance that ran the task is gone")
}
