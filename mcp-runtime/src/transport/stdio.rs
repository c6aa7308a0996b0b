//! Newline-delimited JSON-RPC (MCP, "stdio").

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read as _};
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use bytes::Bytes;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::declared_version;
use super::dispatch::Dispatcher;
use super::session::{Handshake, Live, Preferences, Session};
use crate::auth::Audit;
use crate::auth::audit::Auditor;
use crate::budget::FLAT_CHARGE;
use crate::json::bytes::unmarked;
use crate::limits::Limits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::message::{Message, Request};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::seal::StateKeys;
use crate::server::{
    Caller, Changes, DynamicTool, Exchange, Hearing, Layer, OpenQuestions, Outbox, PartOf, Protected, Rates, Recording,
    Server, ServerMessage, Service, Subscriber,
};

/// Limits the messages that are buffered for a client that does not read. Beyond it, their senders wait.
const QUEUED_ANSWERS: usize = 64;

/// The transport to the process that started the server: stdin and stdout.
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
    limits: Limits,
    server: PhantomData<fn() -> S>,
}

impl<S: Server> Stdio<S> {
    /// Makes `server` ready to be served.
    pub fn new(server: S) -> Self {
        let service = Service::new(server);
        service.announce_changes();
        Self { service, limits: Limits::default(), server: PhantomData }
    }

    /// Adds a part of the server, which is a block of another type.
    ///
    /// # Panics
    /// A tool, a resource or a prompt of the part has the name of one that is there already.
    #[track_caller]
    pub fn with<P: PartOf<S>>(self, part: P) -> Self {
        self.service.compose(part);
        self
    }

    /// Adds a tool that is known at run time only.
    ///
    /// # Panics
    /// A tool that does not fit the server panics. [`Changes::add_tool`](crate::Changes::add_tool) returns an error instead.
    #[track_caller]
    pub fn tool(self, tool: DynamicTool) -> Self {
        self.service.compose_tool(tool);
        self
    }

    /// Replaces all limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.service.set_limits(&limits);
        self.limits = limits;
        self
    }

    /// Replaces rates of the attributes.
    ///
    /// There is one caller: the process that started the server. With a rate for an unknown item, the server does not
    /// start.
    pub fn rates(self, rates: Rates) -> Self
    where
        S: Protected,
    {
        self.service.set_rates(rates);
        self
    }

    /// Sets the keys that seal the states of requests.
    ///
    /// Defaults to one random key. The first seals, and all of them open. Keys are 32 random bytes, secret like passwords.
    pub fn state_keys(self, keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.service.shared().set_state_keys(StateKeys::new(keys));
        self
    }

    /// Puts a [`Layer`] around every method. The layer that is added last is the outermost.
    pub fn layer(self, layer: impl Layer) -> Self {
        self.service.add_layer(layer);
        self
    }

    /// Reports the end of each request to `hook`. A second hook replaces the first.
    ///
    /// There are no decisions, because there is no authorization.
    pub fn audit(self, hook: impl Audit) -> Self {
        self.service.shared().set_audit(Arc::new(hook));
        self
    }

    /// Returns the handle that changes the offer and announces changes.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.service.changes()
    }

    /// Serves until stdin ends, finishes the requests in flight, and returns.
    ///
    /// # Errors
    /// Stdin cannot be read or stdout cannot be written.
    pub async fn serve(self) -> io::Result<()> {
        self.serve_on(stdin(), tokio::io::stdout()).await
    }

    /// Serves over another pair of streams, such as a Unix socket.
    ///
    /// # Errors
    /// `input` cannot be read or `output` cannot be written, or a rate is for an unknown item.
    pub async fn serve_on(self, input: impl AsyncRead + Unpin, output: impl AsyncWrite + Unpin) -> io::Result<()> {
        self.service.check_rates()?;
        let (answers, queue) = mpsc::channel(QUEUED_ANSWERS);
        let connection = Arc::new(Connection {
            live: Live::new(OpenQuestions::default(), self.limits.request.concurrent),
            auditor: self.service.shared().auditor(),
            stdio: self,
            agreement: Mutex::default(),
            announcing: Mutex::default(),
        });
        let (read, written) = tokio::join!(read(connection, BufReader::new(input), answers), write(output, queue));
        read.and(written)
    }
}

impl<S> fmt::Debug for Stdio<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdio").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Returns the input from the client. Tokio's own stdin would keep the process alive until the next line, even when the
/// client has closed the other end; a thread of its own does not.
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

/// A client at the other end of the pipe.
struct Connection<S> {
    auditor: Auditor,
    stdio: Stdio<S>,
    live: Live,
    /// The agreement with an older client. Absent before the handshake; a later one begins another session.
    agreement: Mutex<Option<Arc<Agreement>>>,
    /// Ends the announcements of changes when it is dropped.
    announcing: Mutex<Option<oneshot::Sender<()>>>,
}

/// The parts of a session that are not of its connection.
struct Agreement {
    handshake: Handshake,
    preferences: Preferences,
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
    let limit = connection.stdio.limits.request.body_bytes;
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
                let receiving = Arc::clone(&connection).receive(unmarked(line.into()), answers.clone());
                let mut receiving = Box::pin(receiving);
                // Polled once in the order of the messages, which settles versions and sessions.
                match poll_fn(|cx| Poll::Ready(receiving.as_mut().poll(cx))).await {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => drop(answers.send(error).await),
                    Poll::Pending => drop(requests.spawn(receiving)),
                }
            }
        }
        while requests.try_join_next().is_some() {}
    }
    // There is nobody left to answer, nor to tell about changes.
    connection.live.questions.close();
    connection.stdio.service.shared().listeners().close();
    let service = &connection.stdio.service;
    let finished = async {
        while requests.join_next().await.is_some() {}
        service.shared().finish_tasks().await;
    };
    if tokio::time::timeout(connection.stdio.limits.request.shutdown_timeout, finished).await.is_err() {
        tracing::warn!("requests in flight or tasks were cut off; `limits.request.shutdown_timeout` gives them longer");
    }
    service.shared().abort_tasks();
    Ok(())
}

impl<S: Server> Connection<S> {
    /// Takes in a message.
    ///
    /// # Errors
    /// The error response for a message that is no request, or none that is accepted.
    async fn receive(self: Arc<Self>, line: Bytes, answers: mpsc::Sender<Vec<u8>>) -> Result<(), Vec<u8>> {
        match Message::parse(&line, self.stdio.limits.request.json_depth) {
            Ok(Message::Request(request)) => {
                self.serve(&request, &answers).await.map_err(|error| response::failure(Some(request.id), &error))?;
            }
            Ok(Message::Notification(notification)) => {
                if let Some(id) = notification.request_id {
                    self.live.cancel(id.as_json());
                }
                if notification.method == "notifications/initialized" {
                    self.announce(&answers).await;
                }
            }
            Ok(Message::Response(response)) => {
                // An answer to an answer would have nobody who waits for it.
                if let Err(error) = self.live.questions.resolve(&response) {
                    tracing::debug!(%error, "an answer of the client was not accepted");
                }
            }
            Err(unreadable) => return Err(response::failure(unreadable.id, &unreadable.error)),
        }
        Ok(())
    }

    /// Serves a request. What is decided about it and its session is decided in the first poll.
    ///
    /// # Errors
    /// The request is not accepted. After that, errors are its answer.
    async fn serve(&self, request: &Request<'_>, answers: &mpsc::Sender<Vec<u8>>) -> Result<(), Error> {
        let mut recording = Recording::begin(&self.auditor, || None);
        recording.set_request(request);
        let running = self.live.start(request.id.as_json()).inspect_err(|error| recording.fail(error))?;
        let version = self.version(request).inspect_err(|error| recording.fail(error))?;
        let agreement = self.agreement(request, version);
        let session = agreement.as_deref().map(|Agreement { handshake, preferences }| Session {
            handshake,
            preferences,
            live: &self.live,
        });
        let dispatcher = Dispatcher {
            service: &self.stdio.service,
            catalog: &self.stdio.service.catalog(),
            session,
            limits: &self.stdio.limits.streams,
            satisfies: |_: Option<&_>, _: &_| true,
        };
        let outbox = Outbox::new(self.stdio.limits.streams.capacity(), FLAT_CHARGE);
        let answer = Box::pin(async {
            let result = async {
                let resolved = dispatcher.resolve(request, version, None, &mut recording);
                dispatcher.count(None).await?;
                let (resolved, caller) = (resolved?, Caller::default());
                dispatcher.reveal(&resolved, &caller).await?;
                let mut decision = dispatcher.decide(resolved, caller, outbox.clone(), &mut recording)?;
                if let Some(handshake) = decision.handshake.take() {
                    self.begin_session(*handshake);
                }
                if decision.runs_method() {
                    // The reader goes on, and the task of the request takes over.
                    tokio::task::yield_now().await;
                }
                dispatcher.run(decision, &outbox).await
            };
            let result = result.await;
            recording.end(&result);
            response::answer(request.id, result.map(|result| result.json))
        });
        let exchange = Exchange::new(answer, outbox.clone());
        let answered = pin!(async { (say(exchange, answers).await, answers.reserve().await) });
        let answered = running.until_cancelled(answered).await;
        // Before the client can know the answer: then it may use the id again.
        drop(running);
        if let Some((answer, Ok(place))) = answered {
            place.send(answer);
        }
        Ok(())
    }

    /// Returns the version of a request: a modern one names it, an older client settles on one in the handshake.
    fn version(&self, request: &Request<'_>) -> Result<ProtocolVersion, Error> {
        if let Some(declared) = declared_version(request) {
            return declared;
        }
        match &*request.method {
            "initialize" => Handshake::version(request),
            "ping" => Ok(ProtocolVersion::UNDECLARED),
            _ => locked(&self.agreement).as_ref().map(|agreement| agreement.handshake.version).ok_or_else(|| {
                Error::invalid_request(
                    "Invalid request: begin with `initialize`, or put `io.modelcontextprotocol/protocolVersion` into `_meta`",
                )
            }),
        }
    }

    /// Returns the agreement under which a request is made, if it has a session.
    fn agreement(&self, request: &Request<'_>, version: ProtocolVersion) -> Option<Arc<Agreement>> {
        let has_session = !version.is_modern() && request.method != "initialize";
        locked(&self.agreement).clone().filter(|_| has_session)
    }

    fn begin_session(&self, handshake: Handshake) {
        let shared = self.stdio.service.shared();
        let preferences = Preferences::new(
            Arc::clone(shared.listeners()),
            shared.budget().buffered.empty(shared.account(None)),
            None,
        );
        // A pipe is a stream that is always open.
        preferences.listen();
        *locked(&self.agreement) = Some(Arc::new(Agreement { handshake, preferences }));
    }

    /// Tells the client of an older version what changes, until the server closes or the client is ready once more.
    async fn announce(&self, answers: &mpsc::Sender<Vec<u8>>) {
        let Some(agreement) = locked(&self.agreement).clone() else { return };
        let (sender, mut replaced) = oneshot::channel();
        // Two would tell everything twice.
        *locked(&self.announcing) = Some(sender);
        let service = &self.stdio.service;
        let subscriber = Subscriber::new(Caller::default(), service.handle());
        let mut hearing = Hearing::new(service.may_hear(subscriber, |_, _| true));
        let announcing = async {
            let subscription = agreement.preferences.listen();
            while let Some(change) = poll_fn(|cx| hearing.poll_next(cx, |cx| subscription.poll_next(cx))).await {
                if answers.send(change.notification(None)).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            _ = &mut replaced => {}
            () = announcing => {}
        }
    }
}

/// Sends everything that precedes the answer, and returns that.
async fn say<A>(mut exchange: Exchange<'_, A>, answers: &mpsc::Sender<Vec<u8>>) -> A {
    loop {
        match exchange.next().await {
            // A client that stopped reading ends the whole connection.
            ServerMessage::Message(message, _) => drop(answers.send(message).await),
            // A pipe stays open.
            ServerMessage::CloseStream | ServerMessage::OpenStream => {}
            ServerMessage::Response(answer) => return answer,
        }
    }
}

enum Line {
    Complete(Vec<u8>),
    TooLong,
}

/// Reads a line without its end; `None` at the end of the input. A longer one is skipped, not buffered.
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
