//! Limits of what is kept for clients: shared pools of bytes and items, and bounded buffers.

mod accounts;
mod charged;
mod pool;
mod queue;

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::Arc;

pub(crate) use accounts::AccountPool;
pub(crate) use charged::{charged, detached};
pub(crate) use pool::{AccountKey, Exhausted, Permit, Pool};
pub(crate) use queue::{BoundedQueue, ByteLength, Capacity};

/// The bytes that every request may keep without a permit, for which its connection stands.
pub(crate) const FLAT_CHARGE: usize = 64 * 1024;

/// The pools of a server. Everything that a server keeps for a client takes a permit from one of them.
#[derive(Debug)]
pub(crate) struct Budget {
    /// The hash function of accounts, with secret keys. An equal hash of two accounts cannot be provoked.
    hashes: RandomState,
    /// The bytes that are buffered for clients.
    pub(crate) buffered: Arc<Pool>,
    /// The bytes that are buffered for sessions with an open question, whose answer must get through.
    pub(crate) answers: Arc<Pool>,
    /// The bytes of the results of finished tasks.
    pub(crate) task_results: Arc<Pool>,
    pub(crate) tasks: Arc<Pool>,
    /// The streams for changes.
    pub(crate) streams: Arc<Pool>,
    /// The connections of addresses that have accounts.
    pub(crate) connections: Arc<Pool>,
    /// The streams and the requests of sessions, whose connections do not end soon.
    pub(crate) lasting: Arc<Pool>,
    /// The sessions with a live state.
    pub(crate) sessions: Arc<Pool>,
    /// The sessions that their clients ended, until their expiry.
    pub(crate) ended_sessions: Arc<Pool>,
    /// The running requests of sessions, whose clients may be gone.
    pub(crate) session_requests: Arc<Pool>,
    /// The streams of sessions that have ended, for clients that reconnect.
    pub(crate) finished_streams: Arc<Pool>,
    /// The running calls of methods that block a thread.
    pub(crate) blocking_calls: Arc<Pool>,
}

/// The limits of the pools.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BudgetLimits {
    pub(crate) buffered: usize,
    pub(crate) task_results: usize,
    pub(crate) tasks: usize,
    pub(crate) streams: usize,
    pub(crate) sessions: usize,
    pub(crate) ended_sessions: usize,
    pub(crate) session_requests: usize,
    pub(crate) finished_streams: usize,
    pub(crate) blocking_calls: usize,
}

impl BudgetLimits {
    /// Returns the bytes for sessions with an open question.
    fn answers(&self) -> usize {
        self.buffered / 8
    }
}

impl Budget {
    pub(crate) fn new(limits: BudgetLimits) -> Self {
        let budget = Self {
            hashes: RandomState::new(),
            buffered: Pool::new("buffered bytes", "limits.memory.buffered_bytes"),
            answers: Pool::new("buffered bytes", "limits.memory.buffered_bytes"),
            task_results: Pool::new("bytes of task results", "limits.memory.task_results_bytes"),
            tasks: Pool::new("tasks", "limits.state.tasks"),
            streams: Pool::new("open streams", "limits.streams.open"),
            sessions: Pool::new("sessions in use", "limits.session.live"),
            ended_sessions: Pool::new("sessions that have ended", "limits.session.ended"),
            connections: Pool::new("connections", "limits.connections.open"),
            lasting: Pool::new("streams and requests in sessions", "limits.connections.open"),
            session_requests: Pool::new("requests in sessions", "limits.session.requests"),
            finished_streams: Pool::new("streams that have ended", "limits.session.finished_streams"),
            blocking_calls: Pool::new("running calls of this kind", "limits.request.blocking"),
        };
        budget.set_limits(limits);
        // Only a server that owns its connections knows how many there are.
        budget.lasting.set_limit(usize::MAX);
        budget
    }

    /// Replaces the limits.
    pub(crate) fn set_limits(&self, limits: BudgetLimits) {
        self.buffered.set_limit(limits.buffered - limits.answers());
        self.answers.set_limit(limits.answers());
        self.task_results.set_limit(limits.task_results);
        self.tasks.set_limit(limits.tasks);
        self.streams.set_limit(limits.streams);
        self.sessions.set_limit(limits.sessions);
        self.ended_sessions.set_limit(limits.ended_sessions);
        self.session_requests.set_limit(limits.session_requests);
        self.finished_streams.set_limit(limits.finished_streams);
        self.blocking_calls.set_limit(limits.blocking_calls);
    }

    /// Returns the key of an account.
    pub(crate) fn key(&self, account: impl Hash) -> AccountKey {
        AccountKey(self.hashes.hash_one(account))
    }
}
