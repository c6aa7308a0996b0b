//! The limits of a server, whichever way it is served.

use std::time::Duration;

use crate::budget::{BudgetLimits, Capacity};
use crate::protocol::message::DEFAULT_MAX_DEPTH;

/// The limits of a server, in groups.
///
/// Every size, number and time that a server holds to is in here, and has a default. Everything else, such as paths, hosts
/// and keys, is set on the transport.
///
/// ```
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// let mut limits = mcp::Limits::default();
/// limits.request.body_bytes = 64 * 1024;
/// let http = mcp::Http::open(Notes).limits(limits);
/// # let _ = http;
/// ```
///
/// A transport ignores the limits of what it does not have, as the docs of each say.
///
/// # Shares
///
/// No caller takes the server from the others. Of all that is kept for clients, an account never holds more than what is
/// free for everybody: streams, sessions and their requests, tasks and their results, `blocking` calls, and buffered
/// bytes. Alone, an account can use half of such a limit. Beside four accounts that take what they get, a further one can
/// still use a tenth.
///
/// An account is an issuer and a subject, with whatever client and token; without a subject, it is a client. The callers
/// of an open server have no accounts, and share each limit as one, unless
/// [`account_per_peer`](crate::Http::account_per_peer) gives each address an account.
#[non_exhaustive]
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The limits of connections over HTTP.
    pub connections: ConnectionLimits,
    /// The limits of one request and its response.
    pub request: RequestLimits,
    /// The limits of sessions, which only versions before 2026-07-28 have.
    pub session: SessionLimits,
    /// The limits of streams, and of the messages in them.
    pub streams: StreamLimits,
    /// The limits of tasks, of questions to the client, and of rates.
    pub state: StateLimits,
    /// The limits of the memory that all clients share.
    pub memory: MemoryLimits,
    /// The limits of proofs that clients have the keys of their tokens (DPoP).
    pub proofs: ProofLimits,
}

/// The limits of connections over HTTP.
///
/// `Http::router` leaves them to the surrounding app.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Limits the connections that are open at once. Defaults to 80 % of the file descriptors of the process on Linux,
    /// 10,000 at most, and to 256 elsewhere. Beyond it, a connection waits until another one ends.
    ///
    /// While the limit is reached, each response asks its client to close the connection. If none ends for a while, the
    /// server closes connections: first those with half of a head, then those whose clients read least of a response, and
    /// last those that are idle for longest. With [`account_per_peer`](crate::Http::account_per_peer), addresses share the
    /// limit: a connection beyond the share of its address is closed at once.
    pub open: Option<usize>,
    /// Limits the time between two requests on a connection. Defaults to 75 seconds. Beyond it, the connection is closed.
    ///
    /// Let it be longer than that of a proxy in front (60 seconds with nginx), which could otherwise send a request on a
    /// connection that the server closes.
    pub idle_timeout: Duration,
    /// Limits the time in which a client reads [`write_bytes`](Self::write_bytes) of a response. Defaults to 30 seconds.
    /// Beyond it, the connection is closed.
    ///
    /// Only the time counts in which the server waits for its client. When the limit of connections is reached, clients that
    /// read least are disconnected after a second.
    pub write_timeout: Duration,
    /// The bytes of a response that a client has to read in each [`write_timeout`](Self::write_timeout). Defaults to 16
    /// KiB.
    pub write_bytes: usize,
    /// Limits the time for which connections are accepted after SIGTERM. Defaults to 1 second. Beyond it, the server closes
    /// its listener and its idle connections, and finishes the requests in flight.
    ///
    /// Load balancers learn later than the server that it stops. Until then, each response asks its client to close the
    /// connection. Streams of changes end afterwards, spread over the same time. A stop by Ctrl-C or by the future of
    /// `Http::serve_until` has no such time.
    pub shutdown_delay: Duration,
}

/// The limits of one request and its response.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct RequestLimits {
    /// Limits the bytes of a message, which is a line over stdio. Defaults to 4 MiB. Beyond it, the response is a 413
    /// over HTTP, and an error over stdio.
    pub body_bytes: usize,
    /// Limits the nesting of a message. Defaults to 128. Beyond it, the response is a 400 over HTTP, and an error over
    /// stdio.
    ///
    /// More than 128 is of little use: that is where the parser stops in the value of an argument.
    pub json_depth: usize,
    /// Limits the messages in a batch, which only version 2025-03-26 knows. Defaults to 100. Beyond it, the response is a
    /// 400. Stdio takes no batches.
    pub batch: usize,
    /// Limits the requests that run at once over stdio. Defaults to 256. Beyond it, the response is an error. HTTP leaves
    /// it to layers around the server.
    pub concurrent: usize,
    /// Limits the calls of `blocking` methods that run at once. Defaults to 128. Beyond it, the response is a 503 over HTTP,
    /// and an error otherwise.
    ///
    /// Each such call has a thread, from its begin to its end.
    pub blocking: usize,
    /// Limits the items on a page of a list. Defaults to 1000. Beyond it, the rest is on further pages.
    pub page_size: usize,
    /// Limits a cursor of a list whose entries depend on the caller, in bytes. Defaults to 4 KiB. Beyond it, a request is an
    /// error, and so is a page whose cursor would be longer.
    ///
    /// A cursor is sealed, which adds about 200 bytes and a third to the text that a method returns.
    pub cursor_bytes: usize,
    /// Limits the time for sending a body over HTTP. Defaults to 30 seconds. Beyond it, the response is a 408.
    pub body_timeout: Duration,
    /// Limits the bytes of the head of a request over HTTP. Defaults to 64 KiB, and is at least 8 KiB. Beyond it, the
    /// response is a 431.
    ///
    /// `Http::router` leaves it to the surrounding app.
    pub head_bytes: usize,
    /// Limits the time from the first to the last byte of a head. Defaults to 30 seconds. Beyond it, the client is
    /// disconnected.
    ///
    /// Once the server stops, the rest of a head has a second at most. `Http::router` leaves it to the surrounding app.
    pub header_timeout: Duration,
    /// Limits the time of a method. Defaults to the `timeout` of `#[mcp::server]`, or else to none. Beyond it, the method is
    /// dropped. The response is an error that the model reads from a tool, and a JSON-RPC error otherwise.
    ///
    /// The `timeout` of an item takes precedence. The clock stands still while the client is asked, and goes on in a task.
    /// Items that are `blocking` have no limit, because a thread cannot be stopped.
    pub method_timeout: Option<Duration>,
    /// Limits the silence before a response over HTTP becomes a stream. Defaults to 1 second. Beyond it, the client gets the
    /// headers of a stream of server-sent events and a comment, and the result as an event.
    ///
    /// The silence begins with the handler, and a further comment is sent after each
    /// [`keep_alive`](StreamLimits::keep_alive). Without that, a proxy or a client that waits for a first byte gives up on a
    /// slow handler: nginx after 60 seconds. A handler that answers or reports progress earlier makes no difference. With
    /// zero, each handler that does not answer at once answers in a stream; with [`Duration::MAX`], none does that is
    /// silent.
    pub stream_after: Duration,
    /// Limits the time of running requests and tasks after the stop. Defaults to 30 seconds. Beyond it, they are cut
    /// off, except for a tool that is `blocking`: its thread runs to its end.
    ///
    /// A signal stops a server. The end of its input stops one over stdio, too.
    ///
    /// A task that is cut off has failed. Over HTTP, clients are let in to ask about a task as long as one runs, but no
    /// further task begins. The last tenth of the time, a second at most, is theirs after the tasks have ended.
    /// `Http::router` leaves it to the surrounding app.
    pub shutdown_timeout: Duration,
}

/// The limits of sessions, which only versions before 2026-07-28 have, over HTTP.
///
/// A session is in its id, sealed with the keys of `Http::state_keys`: any instance with the same keys serves it. Its
/// live state stays in the instance where it began: log level, subscriptions, streams, unanswered questions, and its
/// end by the client. A balancer should send the requests of a session (`Mcp-Session-Id`) to the same instance.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct SessionLimits {
    /// Limits the time since the handshake of a session. Defaults to 24 hours. Beyond it, the response is a 404, and the
    /// client begins another session.
    pub lifetime: Duration,
    /// Limits the sessions in which something is live at once. Defaults to 10,000. Beyond it, a session takes the place of
    /// one that is idle, or gets a 503 if none is idle.
    ///
    /// The place is that of the session that was idle for longest, of whoever has most.
    /// The client of a session that lost its place loses its log level and its subscriptions.
    pub live: usize,
    /// Limits the sessions that their clients ended, each remembered until its [`lifetime`](Self::lifetime) is over.
    /// Defaults to 65,536. Beyond it, the first whose lifetime is over is forgotten, of whoever has most.
    ///
    /// Requests in an ended session get a 404. Those in a forgotten one are served again.
    pub ended: usize,
    /// Limits the requests that run in sessions at once. Defaults to 10,000. Beyond it, the response is a 503.
    ///
    /// A request in a session counts because it goes on when its client is disconnected. A `ping` does not count, nor does
    /// `resources/unsubscribe`.
    pub requests: usize,
    /// Limits the streams of requests that have ended, each kept for `resume_timeout`. Defaults to 1024. Beyond it, the
    /// oldest stream of whoever has most is forgotten.
    ///
    /// A client that was disconnected before the last event reads the rest there.
    pub finished_streams: usize,
    /// Limits the time for which a request goes on without its client. Defaults to 60 seconds. Beyond it, the request is
    /// cancelled, and its messages are dropped.
    ///
    /// A client of 2025-11-25 or before that reconnects in time reads on where it stopped.
    pub resume_timeout: Duration,
}

/// The limits of streams, and of the messages in them.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct StreamLimits {
    /// Limits the streams for changes. Defaults to 10,000. Beyond it, the response is a 503.
    ///
    /// `Http::serve` gives them three quarters of its [connections](ConnectionLimits::open) at most, together with the
    /// requests in sessions, so that answers can arrive beside them.
    pub open: usize,
    /// Limits the resources of which one stream, or one session, hears. Defaults to 1000. Beyond it, the response is an
    /// error.
    pub subscriptions: usize,
    /// Limits the URI of such a resource, in bytes. Defaults to 2 KiB. Beyond it, the response is an error.
    pub uri_bytes: usize,
    /// Limits the bytes of all URIs of one stream, or one session. Defaults to 256 KiB. Beyond it, the response is an
    /// error.
    pub subscription_bytes: usize,
    /// Limits the messages buffered per request, for a slow client. Defaults to 1024. Beyond it, the handler waits.
    ///
    /// Progress and log messages are dropped that a handler sends without waiting for anything in between, or from another
    /// thread. In a session, as many messages are kept for the client to read again.
    pub queued_messages: usize,
    /// Limits the bytes buffered per request. Defaults to 1 MiB. Beyond it, the handler waits, as for
    /// [`queued_messages`](Self::queued_messages). A single longer message is buffered alone.
    pub queued_bytes: usize,
    /// Limits the silence of a stream over HTTP. Defaults to 15 seconds. Beyond it, a comment is sent, which clients
    /// ignore, because proxies close connections that are silent for long.
    pub keep_alive: Duration,
}

/// The limits of tasks, of questions to the client, of tools at run time, and of rates.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct StateLimits {
    /// Limits the [tools that are added at run time](crate::DynamicTool). Defaults to 1000. Beyond it, adding one is an
    /// error. Those that are there already stay.
    pub dynamic_tools: usize,
    /// Limits the different names of such tools in all servers of the program. Defaults to 100,000. Beyond it, adding one
    /// with a new name is an error.
    ///
    /// A name stays in memory until the program ends, so that a tool is removed and added again at no cost.
    pub dynamic_tool_names: usize,
    /// Limits the tasks that are known at once. Defaults to 1000. Beyond it, a task takes the place of one that is over. If
    /// all of them run, the response is a 503.
    ///
    /// The place is that of the oldest task of whoever has most of those that are over.
    pub tasks: usize,
    /// Limits the time since the beginning of a task. Defaults to an hour. Beyond it, the task ends, if it has not, and is
    /// forgotten.
    ///
    /// A task that is over may be forgotten before, when there are too many.
    pub task_lifetime: Duration,
    /// Limits the time from one round of questions to the next. Defaults to 10 minutes. Beyond it, the client has to
    /// begin anew.
    pub lifetime: Duration,
    /// Limits the bytes of all answers to a request, sealed, in base64. Defaults to 256 KiB. Beyond it, the request
    /// ends with an error.
    pub bytes: usize,
    /// Limits the states that are remembered because an answer in them was good [once](crate::Question::once). Defaults to
    /// 100,000. Beyond it, such an answer is refused until older states have expired.
    ///
    /// One account can use a quarter of them. A round of a request that does not count against a rate uses one, too.
    pub used: usize,
    /// Limits the wait of a method for the answer to a question. Defaults to 10 minutes. Beyond it, the question is
    /// withdrawn, the client is told, and the method gets an error that the model reads.
    ///
    /// A method waits on the open connection of a client before 2026-07-28, and in a task. Between the rounds of
    /// 2026-07-28, nothing waits: see [`lifetime`](Self::lifetime).
    pub question_timeout: Duration,
    /// Limits the accounts that are remembered for each rate, together. Defaults to 100,000. Beyond it, those are
    /// forgotten that have most of their rate left.
    ///
    /// An account that has not used a rate for its unit of time needs no memory. A remembered one takes some 20 bytes,
    /// or with [`Http::replicas`](crate::Http::replicas) some 200. There, those are forgotten that use nothing now, or else
    /// all, which lose what is left of their slices.
    pub rates: usize,
}

/// The limits of the memory that all clients share.
///
/// The first 64 KiB of a request, and of its response, do not count.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct MemoryLimits {
    /// Limits the bytes buffered for all clients. Defaults to 256 MiB. Beyond it, the response is a 503 with `Retry-After`.
    ///
    /// These are bodies of requests, responses that their clients have not read, messages that are kept for a client that
    /// reconnects, and the URIs of subscriptions.
    pub buffered_bytes: usize,
    /// Limits the bytes of the results of all tasks that are over. Defaults to 64 MiB. Beyond it, the oldest task of
    /// whoever has most is forgotten.
    pub task_results_bytes: usize,
    /// Limits the bytes of the result of a task. Defaults to 4 MiB. Beyond it, the task has failed.
    pub task_result_bytes: usize,
    /// Limits the bytes of the result of a task that several instances share. Defaults to 1 MiB. Beyond it, the task has
    /// failed.
    ///
    /// The engine holds such results for the lifetime of the task.
    pub shared_task_result_bytes: usize,
}

/// The limits of proofs that clients have the keys of their tokens (DPoP, RFC 9449).
///
/// Only a server whose `#[mcp::server]` declares `dpop` has them.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub struct ProofLimits {
    /// Limits the time between the `iat` of a proof and the clock of the server, before and after. Defaults to 5 minutes.
    /// Beyond it, the response is a 401.
    ///
    /// A proof is remembered for as long, so that it is used once.
    pub age: Duration,
    /// Limits the bytes of a proof. Defaults to 8 KiB. Beyond it, the response is a 401.
    pub bytes: usize,
    /// Limits the bytes of the record of used proofs. Defaults to 32 MiB. Beyond it, the response is a 503 with
    /// `Retry-After`.
    ///
    /// A proof takes some 50 bytes, so that the default is enough for 2000 requests per second. Accounts share the limit.
    pub used_bytes: usize,
    /// Limits the time for which a nonce of this server is valid. Defaults to `None`: proofs need no nonce. Beyond it, the
    /// response is a 401 with the next nonce, and the client repeats its request (RFC 9449 §9).
    ///
    /// With nonces, a client cannot make proofs in advance, and no proof is accepted that was made before a restart. Each
    /// response has the next nonce, as `DPoP-Nonce`. Several instances need the same `Http::state_keys`.
    pub nonce_lifetime: Option<Duration>,
}

impl Limits {
    /// Returns the limits that accounts share.
    pub(crate) fn budget(&self) -> BudgetLimits {
        BudgetLimits {
            buffered: self.memory.buffered_bytes,
            task_results: self.memory.task_results_bytes,
            tasks: self.state.tasks,
            streams: self.streams.open,
            sessions: self.session.live,
            ended_sessions: self.session.ended,
            session_requests: self.session.requests,
            finished_streams: self.session.finished_streams,
            blocking_calls: self.request.blocking,
        }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            open: None,
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            write_bytes: 16 * 1024,
            shutdown_delay: Duration::from_secs(1),
        }
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            json_depth: DEFAULT_MAX_DEPTH,
            batch: 100,
            concurrent: 256,
            blocking: 128,
            page_size: 1000,
            cursor_bytes: 4096,
            body_timeout: Duration::from_secs(30),
            head_bytes: 64 * 1024,
            header_timeout: Duration::from_secs(30),
            method_timeout: None,
            stream_after: Duration::from_secs(1),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(24 * 60 * 60),
            live: 10_000,
            ended: 65_536,
            requests: 10_000,
            finished_streams: 1024,
            resume_timeout: Duration::from_secs(60),
        }
    }
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            open: 10_000,
            subscriptions: 1000,
            uri_bytes: 2048,
            subscription_bytes: 256 * 1024,
            queued_messages: 1024,
            queued_bytes: 1024 * 1024,
            keep_alive: Duration::from_secs(15),
        }
    }
}

impl Default for MemoryLimits {
    fn default() -> Self {
        let mib = 1024 * 1024;
        Self {
            buffered_bytes: 256 * mib,
            task_results_bytes: 64 * mib,
            task_result_bytes: 4 * mib,
            shared_task_result_bytes: mib,
        }
    }
}

impl Default for ProofLimits {
    fn default() -> Self {
        Self { age: Duration::from_secs(5 * 60), bytes: 8 * 1024, used_bytes: 32 * 1024 * 1024, nonce_lifetime: None }
    }
}

impl StreamLimits {
    /// Returns the limits of the queue of one request.
    pub(crate) fn capacity(&self) -> Capacity {
        Capacity { messages: self.queued_messages, bytes: self.queued_bytes }
    }
}

impl Default for StateLimits {
    fn default() -> Self {
        Self {
            dynamic_tools: 1000,
            dynamic_tool_names: 100_000,
            tasks: 1000,
            task_lifetime: Duration::from_secs(60 * 60),
            // People answer questions, and need some time.
            lifetime: Duration::from_secs(10 * 60),
            bytes: 256 * 1024,
            used: 100_000,
            question_timeout: Duration::from_secs(10 * 60),
            rates: 100_000,
        }
    }
}
