//! Newline-delimited JSON-RPC (MCP, "stdio").

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::settings::service_settings;
use super::{MAX_SUBSCRIPTIONS, answer, declared_version};
use crate::json::bytes::unmarked;
use crate::lock::locked;
use crate::protocol::client::Client;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::protocol::message::{DEFAULT_MAX_DEPTH, Message, Notification, Request};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Capacity, Exchange, Filter, Outbox, Pending, Said, Server, Service, Subscription};

/// Answers that wait for the client to read.
const QUEUED_ANSWERS: usize = 64;

/// Serves a server to the process that started it, over stdin and stdout.
///
/// A pipe has no `Authorization` header: no verifier is asked, scopes are not enforced, and
/// [`access_token`](crate::access_token) is `None`. The security boundary is the process that launched the server. A tool
/// that takes a `&AccessToken` answers that it needs one; take an `Option<&AccessToken>` in a tool that is to work
/// without. Nothing but messages goes to stdout; send logs to stderr.
///
/// ```no_run
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # async fn run() -> std::io::Result<()> {
/// mcp::Stdio::new(Notes).serve().await
/// # }
/// ```
#[must_use = "nothing is served until `serve` is called"]
pub struct Stdio<S> {
    service: Arc<Service>,
    max_message_bytes: usize,
    max_json_depth: usize,
    max_requests: usize,
    max_subscriptions: usize,
    queued: Capacity,
    shutdown_timeout: Duration,
    server: PhantomData<fn() -> S>,
}

impl<S: Server> Stdio<S> {
    /// Makes `server` ready to be served.
    pub fn new(server: S) -> Self {
        let service = Service::new(server);
        service.announce_changes();
        Self {
            service,
            max_message_bytes: 4 * 1024 * 1024,
            max_json_depth: DEFAULT_MAX_DEPTH,
            max_requests: 256,
            max_subscriptions: MAX_SUBSCRIPTIONS,
            queued: Capacity::default(),
            shutdown_timeout: Duration::from_secs(30),
            server: PhantomData,
        }
    }

    service_settings!();

    /// The longest message, in bytes without the newline; 4 MiB by default. A longer one is answered with an error.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// How deep a message may be nested; 128 by default. A deeper one is answered with an error.
    pub fn max_json_depth(mut self, levels: usize) -> Self {
        self.max_json_depth = levels;
        self
    }

    /// How many requests may run at once; 256 by default. A further one is answered with an error.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.max_requests = requests;
        self
    }

    /// How many resources the client may be told about, by one request or in one handshake; 1000 by default. Asking for
    /// more is an error.
    pub fn max_subscriptions(mut self, resources: usize) -> Self {
        self.max_subscriptions = resources;
        self
    }

    /// How many messages of one request wait for a client that reads slowly; 1024 by default. A handler goes on when
    /// there is room. Progress and log messages that it sends all the same, without waiting for anything in between or
    /// from another thread, are left out.
    pub fn max_queued_messages(mut self, messages: usize) -> Self {
        self.queued.messages = messages;
        self
    }

    /// How long the messages of one request may be together that wait in that way, in bytes; 1 MiB by default.
    pub fn max_queued_bytes(mut self, bytes: usize) -> Self {
        self.queued.bytes = bytes;
        self
    }

    /// Limits requests in flight and running tasks after the input ended. Defaults to 30 seconds. Anything that takes
    /// longer is cut off, except for a tool that is `blocking`: its thread runs to its end.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Serves until stdin ends, finishes the requests in flight, and returns.
    ///
    /// # Errors
    /// When stdin cannot be read or stdout cannot be written.
    pub async fn serve(self) -> io::Result<()> {
        self.serve_on(stdin(), tokio::io::stdout()).await
    }

    /// Serves over another pair of streams with the same framing, such as a Unix socket.
    ///
    /// # Errors
    /// When `input` cannot be read or `output` cannot be written.
    pub async fn serve_on(self, input: impl AsyncRead + Unpin, output: impl AsyncWrite + Unpin) -> io::Result<()> {
        let (answers, queue) = mpsc::channel(QUEUED_ANSWERS);
        let connection = Arc::new(Connection {
            stdio: self,
            negotiated: Mutex::default(),
            pending: Arc::default(),
            running: Mutex::default(),
            announcing: Mutex::default(),
        });
        let (read, written) = tokio::join!(read(connection, BufReader::new(input), answers), write(output, queue));
        read.and(written)
    }
}

/// What the client sends. Tokio's own stdin would keep the process alive until the next line, also when the client has
/// closed the other end; a thread of its own does not.
fn stdin() -> impl AsyncRead + Unpin {
    let (reader, mut writer) = tokio::io::duplex(64 * 1024);
    let runtime = Handle::current();
    std::thread::spawn(move || {
        let mut buffer = [0; 8 * 1024];
        while let Ok(length @ 1..) = io::stdin().read(&mut buffer) {
            if runtime.block_on(writer.write_all(&buffer[..length])).is_err() {
                break;
            }
        }
    });
    reader
}

struct Connection<S> {
    stdio: Stdio<S>,
    /// What the handshake of an older client settled on.
    negotiated: Mutex<Option<Negotiated>>,
    /// What an older client was asked and has not answered.
    pending: Arc<Pending>,
    /// What `notifications/cancelled` can stop.
    running: Mutex<HashMap<String, AbortHandle>>,
    /// Who tells an older client of changes.
    announcing: Mutex<Option<AbortHandle>>,
}

#[derive(Clone)]
struct Negotiated {
    version: ProtocolVersion,
    client: Client,
    /// What it wants to have logged.
    log_level: Option<LogLevel>,
    /// What it hears of: the lists from the beginning, and the resources that it subscribes to.
    heard: Arc<Subscription>,
}

async fn write(mut output: impl AsyncWrite + Unpin, mut answers: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(mut answer) = answers.recv().await {
        // One line is one message. Raw JSON of a tool can have line breaks; within a string they are escaped.
        answer.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        answer.push(b'\n');
        output.write_all(&answer).await?;
        output.flush().await?;
    }
    Ok(())
}

async fn read<S: Server>(
    connection: Arc<Connection<S>>,
    mut input: impl AsyncBufRead + Unpin,
    answers: mpsc::Sender<Vec<u8>>,
) -> io::Result<()> {
    let mut requests = JoinSet::new();
    let limit = connection.stdio.max_message_bytes;
    loop {
        let line = tokio::select! {
            line = next_line(&mut input, limit) => line?,
            // The client stopped reading.
            () = answers.closed() => {
                requests.abort_all();
                break;
            }
        };
        match line {
            None => break,
            Some(Line::TooLong) => {
                let error =
                    Error::invalid_request(format!("Invalid request: the message is longer than {limit} bytes"));
                // A closed channel ends the loop above.
                let _ = answers.send(response::failure(None, &error)).await;
            }
            Some(Line::Complete(line)) if line.trim_ascii().is_empty() => {}
            Some(Line::Complete(line)) => {
                connection.clone().receive(unmarked(line.into()), &mut requests, &answers).await;
            }
        }
        while requests.try_join_next().is_some() {}
    }
    // There is nobody left to answer, nor to tell about changes.
    connection.pending.close();
    connection.stdio.service.listeners().close();
    let service = &connection.stdio.service;
    let finished = async {
        while requests.join_next().await.is_some() {}
        service.finish_tasks().await;
    };
    if tokio::time::timeout(connection.stdio.shutdown_timeout, finished).await.is_err() {
        tracing::warn!("requests in flight or tasks were cut off; `Stdio::shutdown_timeout` gives them longer");
    }
    service.cut_tasks_off();
    Ok(())
}

impl<S: Server> Connection<S> {
    /// Takes a message in. The version is settled here, in the order of the messages; the rest runs on its own.
    async fn receive(self: Arc<Self>, line: Bytes, requests: &mut JoinSet<()>, answers: &mpsc::Sender<Vec<u8>>) {
        let accepted = match Message::parse(&line, self.stdio.max_json_depth) {
            Ok(Message::Request(request)) => self.accept(&request).map_err(|error| (Some(request.id), error)),
            Ok(Message::Notification(notification)) => {
                if notification.method == "notifications/initialized"
                    && let Some(negotiated) = &*locked(&self.negotiated)
                {
                    let announcing = requests.spawn(announce(Arc::clone(&negotiated.heard), answers.clone()));
                    // Two would tell everything twice.
                    if let Some(before) = locked(&self.announcing).replace(announcing) {
                        before.abort();
                    }
                }
                return self.notice(&notification);
            }
            Ok(Message::Response(response)) => {
                // An answer to an answer would have nobody who waits for it.
                if let Err(error) = self.pending.resolve(&response) {
                    tracing::debug!(%error, "an answer of the client was not accepted");
                }
                return;
            }
            Err(unreadable) => Err((unreadable.id, unreadable.error)),
        };
        let (id, version, caller) = match accepted {
            Ok(accepted) => accepted,
            Err((id, error)) => {
                // A client that stopped reading ends the loop around this.
                let _ = answers.send(response::failure(id, &error)).await;
                return;
            }
        };
        let (connection, answers, key) = (Arc::clone(&self), answers.clone(), id.clone());
        // Held until the task is registered, so that one that is already done finds itself there.
        let mut running = self.running();
        let task = requests.spawn(async move {
            let outbox = Outbox::new(connection.stdio.queued);
            let work = Box::pin(Arc::clone(&connection).work(line, version, caller, outbox.clone()));
            if let Some(answer) = say(Exchange::new(work, outbox), &answers).await {
                let place = answers.reserve().await;
                // Before the client can know the answer: then it may use the id again.
                connection.running().remove(&key);
                if let Ok(place) = place {
                    place.send(answer);
                }
            }
        });
        running.insert(id, task);
    }

    /// Serves a request that was accepted.
    async fn work(
        self: Arc<Self>,
        line: Bytes,
        version: ProtocolVersion,
        caller: Caller,
        outbox: Outbox,
    ) -> Option<Vec<u8>> {
        let Ok(Message::Request(request)) = Message::parse(&line, self.stdio.max_json_depth) else { return None };
        let negotiated = (!version.is_modern()).then(|| locked(&self.negotiated).clone()).flatten();
        let heard = negotiated.as_ref().map(|negotiated| &*negotiated.heard);
        let max_subscriptions = self.stdio.max_subscriptions;
        Some(answer(&self.stdio.service, &request, version, caller, heard, max_subscriptions, outbox).await)
    }

    fn accept(&self, request: &Request<'_>) -> Result<(String, ProtocolVersion, Caller), Error> {
        let id = request.id.as_json().to_owned();
        let (running, limit) = (self.running(), self.stdio.max_requests);
        if running.contains_key(&id) {
            return Err(Error::invalid_request("Invalid request: a request with this `id` is still running"));
        }
        if running.len() >= limit {
            return Err(Error::internal(format!("More than {limit} requests at once; try again")));
        }
        let version = self.version(request)?;
        if version.is_modern() {
            return Ok((id, version, Caller::default()));
        }
        let mut negotiated = locked(&self.negotiated);
        if let Some(negotiated) = &mut *negotiated
            && request.method == "logging/setLevel"
        {
            negotiated.log_level = Some(request.params.level()?);
        }
        let caller = match negotiated.clone() {
            Some(Negotiated { client, log_level, .. }) => {
                Caller { client, log_level, pending: Some(Arc::clone(&self.pending)), ..Caller::default() }
            }
            None => Caller::default(),
        };
        Ok((id, version, caller))
    }

    fn notice(&self, notification: &Notification<'_>) {
        if let Some(id) = notification.request_id
            && let Some(request) = self.running().remove(id.as_json())
        {
            request.abort();
        }
    }

    /// A modern request names its version; an older client settles on one in the handshake, which comes first.
    fn version(&self, request: &Request<'_>) -> Result<ProtocolVersion, Error> {
        if let Some(declared) = declared_version(request) {
            return declared;
        }
        match &*request.method {
            "initialize" => {
                let requested = request.params.protocol_version()?;
                let version = ProtocolVersion::agreed(requested.as_deref().unwrap_or_default());
                if requested.is_some() {
                    let client = request.params.client()?;
                    let filter = Filter { tools: true, prompts: true, resources: true, ..Filter::default() };
                    let heard = Arc::new(self.stdio.service.listeners().subscribe(filter));
                    *locked(&self.negotiated) = Some(Negotiated { version, client, log_level: None, heard });
                }
                Ok(version)
            }
            "ping" => Ok(ProtocolVersion::UNDECLARED),
            _ => locked(&self.negotiated).as_ref().map(|negotiated| negotiated.version).ok_or_else(|| {
                Error::invalid_request(
                    "Invalid request: begin with `initialize`, or put `io.modelcontextprotocol/protocolVersion` into `_meta`",
                )
            }),
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, AbortHandle>> {
        locked(&self.running)
    }
}

/// Tells the client of an older version what changes, until the server closes.
async fn announce(heard: Arc<Subscription>, answers: mpsc::Sender<Vec<u8>>) {
    while let Some(change) = heard.next().await {
        if answers.send(change.notification(None)).await.is_err() {
            break;
        }
    }
}

/// Says everything that comes before the answer, and gives that.
async fn say<A>(mut exchange: Exchange<A>, answers: &mpsc::Sender<Vec<u8>>) -> A {
    loop {
        match exchange.next().await {
            // A client that stopped reading ends the whole connection.
            Said::Message(message) => drop(answers.send(message).await),
            // A pipe stays open.
            Said::CloseStream | Said::OpenStream => {}
            Said::Answer(answer) => return answer,
        }
    }
}

enum Line {
    Complete(Vec<u8>),
    TooLong,
}

/// The next line without its end; `None` at the end of the input. What is over the limit is skipped, not kept.
async fn next_line(input: &mut (impl AsyncBufRead + Unpin), limit: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let read = input.take((limit as u64).saturating_add(1)).read_until(b'\n', &mut line).await?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(Line::Complete(line)));
    }
    if read <= limit {
        return Ok((read > 0).then_some(Line::Complete(line)));
    }
    loop {
        let buffer = input.fill_buf().await?;
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(Some(Line::TooLong));
        }
    }
}
