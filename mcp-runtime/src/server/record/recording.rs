//! The drop guard that reports the end of a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::result::OperationResult;
use super::span::{TraceContext, record_cancellation};
use crate::auth::AccessToken;
use crate::auth::audit::{Auditor, RequestOutcome, RequestRecord};
use crate::budget::detached;
use crate::json::truncate::truncated;
use crate::protocol::error::Error;
use crate::protocol::message::{Request, Target};
use crate::server::context::request::RequestContext;
use crate::server::declare::item::ItemId;

/// The record of a request while the request is served.
///
/// Dropping it reports the end, which is a cancellation unless an outcome was set. A guard sees every end: code behind an
/// `.await` does not run when the client disconnects.
///
/// It is empty if nobody receives records, and then costs nothing.
#[must_use = "dropping it reports a cancellation"]
pub(crate) struct Recording<'a>(Option<Box<Draft<'a>>>);

/// The parts of a record that are known so far.
#[derive(Clone)]
struct Draft<'a> {
    auditor: Auditor,
    begun: Instant,
    peer: Option<SocketAddr>,
    message: RecordedMessage<'a>,
    token: Option<AccessToken>,
    session: Option<String>,
    item: Option<ItemId>,
    context: Option<Arc<RequestContext>>,
    is_task: bool,
    /// The outcome with the time until then.
    end: Option<(RequestOutcome, Duration)>,
}

/// The message of a request.
#[derive(Clone)]
enum RecordedMessage<'a> {
    Unread,
    Borrowed(&'a Request<'a>),
    /// The whole message, which is read again for the record.
    Owned(Bytes),
}

impl Recording<'static> {
    /// Begins the record of a request that has arrived from `peer`.
    pub(crate) fn begin(auditor: &Auditor, peer: impl FnOnce() -> Option<SocketAddr>) -> Self {
        Self(auditor.records().then(|| {
            Box::new(Draft {
                auditor: auditor.clone(),
                begun: Instant::now(),
                peer: peer(),
                message: RecordedMessage::Unread,
                token: None,
                session: None,
                item: None,
                context: None,
                is_task: false,
                end: None,
            })
        }))
    }

    /// Begins the record of a call that may become a task. Without a task, nothing is reported.
    pub(crate) fn begin_task(auditor: &Auditor, request: &Arc<RequestContext>) -> Self {
        let mut this = Self::begin(auditor, || request.context.peer);
        if let Some(draft) = &mut this.0 {
            draft.message = RecordedMessage::Owned(request.context.message().clone());
            draft.token = request.token().cloned();
            draft.session.clone_from(&request.context.session);
            draft.item = request.item;
            draft.context = Some(Arc::clone(request));
            draft.is_task = true;
        }
        this
    }
}

impl<'a> Recording<'a> {
    /// Sets the caller.
    pub(crate) fn set_token(&mut self, token: Option<&AccessToken>) {
        if let Self(Some(draft)) = self {
            draft.token = token.cloned();
        }
    }

    /// Sets the session, by its name in logs.
    pub(crate) fn set_session(&mut self, name: impl FnOnce() -> String) {
        if let Self(Some(draft)) = self {
            draft.session = Some(name());
        }
    }

    /// Sets the message.
    pub(crate) fn set_request(&mut self, request: &'a Request<'a>) {
        if let Self(Some(draft)) = self {
            draft.message = RecordedMessage::Borrowed(request);
        }
    }

    /// Sets the item that the request names.
    pub(crate) fn set_item(&mut self, item: Option<ItemId>) {
        if let Self(Some(draft)) = self {
            draft.item = item;
        }
    }

    /// Sets the context, which has the span and the trace.
    pub(crate) fn set_context(&mut self, context: &Arc<RequestContext>) {
        if let Self(Some(draft)) = self {
            draft.context = Some(Arc::clone(context));
        }
    }

    /// Sets the outcome. A later one replaces it.
    pub(crate) fn set_outcome(&mut self, outcome: RequestOutcome) {
        if let Self(Some(draft)) = self {
            draft.end = Some((outcome, draft.begun.elapsed()));
        }
    }

    /// Sets the outcome of a request that failed.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.set_outcome(error.into());
    }

    /// Sets the outcome of an operation.
    pub(crate) fn end(&mut self, result: &Result<OperationResult<'_>, Error>) {
        match result {
            Ok(result) => self.set_outcome(result.outcome),
            Err(error) => self.fail(error),
        }
    }

    /// Sets the outcome of a request that is refused with an HTTP status.
    #[cfg(feature = "http")]
    pub(crate) fn refuse(&mut self, status: http::StatusCode) {
        self.set_outcome(RequestOutcome::Refused(status.as_u16()));
    }

    /// Returns the other end of the connection.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.0.as_ref().and_then(|draft| draft.peer)
    }

    /// Returns the record of one of the messages of a batch.
    pub(crate) fn fork(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns the record of this message.
    pub(crate) fn of<'r>(self, request: &'r Request<'r>) -> Recording<'r>
    where
        'a: 'r,
    {
        let mut this: Recording<'r> = self;
        this.set_request(request);
        this
    }

    /// Returns a record that outlives the message.
    pub(crate) fn into_owned(mut self) -> Recording<'static> {
        Recording(self.0.take().map(|draft| {
            let Draft { auditor, begun, peer, message, token, session, item, context, is_task, end } = *draft;
            let message = match message {
                RecordedMessage::Unread => RecordedMessage::Unread,
                RecordedMessage::Borrowed(request) => RecordedMessage::Owned(detached(&request.message)),
                RecordedMessage::Owned(message) => RecordedMessage::Owned(message),
            };
            Box::new(Draft { auditor, begun, peer, message, token, session, item, context, is_task, end })
        }))
    }

    /// Drops the record of what is no request.
    pub(crate) fn discard(mut self) {
        self.0 = None;
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        if let Some(draft) = self.0.take() {
            draft.report();
        }
    }
}

impl Draft<'_> {
    fn report(&self) {
        let context = self.context.as_deref().map(|request| &request.context);
        if self.is_task && context.is_none_or(|context| context.begun_task().is_none()) {
            return;
        }
        match context {
            // In the span of the request, by which subscribers join the two.
            Some(context) => {
                if self.end.is_none() {
                    record_cancellation(&context.span);
                }
                context.span.in_scope(|| self.write(context.trace()));
            }
            None => {
                let trace = self.message.with(|request| request.and_then(TraceContext::of_request));
                self.write(trace.as_ref());
            }
        }
    }

    fn write(&self, trace: Option<&TraceContext>) {
        let (outcome, duration) = self.end.unwrap_or_else(|| {
            let outcome = if std::thread::panicking() { RequestOutcome::Panicked } else { RequestOutcome::Cancelled };
            (outcome, self.begun.elapsed())
        });
        let token = self.token.as_ref();
        self.message.with(|request| {
            let target = request.and_then(Request::target);
            self.auditor.record(&RequestRecord {
                outcome,
                duration,
                method: request.map(|request| truncated(&request.method)),
                tool: target.as_ref().and_then(Target::tool).map(truncated),
                prompt: target.as_ref().and_then(Target::prompt).map(truncated),
                resource: target.as_ref().and_then(Target::resource).map(truncated),
                item: self.item.as_ref().map(ItemId::name),
                id: request.map(|request| truncated(request.id.as_json().trim_matches('"'))),
                session: self.session.as_deref(),
                trace_id: trace.map(TraceContext::trace_id),
                peer: self.peer,
                subject: token.and_then(|token| token.subject.as_deref()),
                client_id: token.map(|token| &*token.client_id),
                issuer: token.and_then(|token| token.issuer.as_deref()),
                is_task_end: self.is_task,
            });
        });
    }
}

impl RecordedMessage<'_> {
    /// Passes the request on, if it was read.
    fn with<T>(&self, f: impl FnOnce(Option<&Request<'_>>) -> T) -> T {
        match self {
            Self::Unread => f(None),
            Self::Borrowed(request) => f(Some(request)),
            Self::Owned(message) => f(Request::read_again(message).as_ref()),
        }
    }
}
