//! The way from a request to its result, in two phases: a request is decided before anything of it runs.

use std::pin::pin;
use std::sync::Arc;

use super::session::{Handshake, Session};
use crate::auth::{AccessToken, RequiredScopes};
use crate::limits::StreamLimits;
use crate::protocol::error::Error;
use crate::protocol::logging::LogLevel;
use crate::protocol::message::Request;
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{
    Caller, Catalog, Listening, Operation, OperationResult, Outbox, Recording, RequestContext, RequestedChanges,
    Service, Subscriber, account_of,
};

/// The surroundings in which a message is dispatched.
pub(super) struct Dispatcher<'a, C> {
    pub(super) service: &'a Arc<Service>,
    pub(super) catalog: &'a Arc<Catalog>,
    /// The session of the message. Absent in a handshake, which begins one.
    pub(super) session: Option<Session<'a>>,
    pub(super) limits: &'a StreamLimits,
    /// Returns `true` if a token has these scopes.
    pub(super) satisfies: C,
}

/// A request with the operation that it asks for.
pub(super) struct ResolvedRequest<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) version: ProtocolVersion,
    pub(super) operation: Operation<'a>,
}

/// A request that may run.
pub(super) struct Decision<'a> {
    pub(super) action: Action<'a>,
    /// The session that the request begins, for its transport.
    pub(super) handshake: Option<Box<Handshake>>,
}

/// The effect of a request.
pub(super) enum Action<'a> {
    Run {
        operation: Operation<'a>,
        context: Arc<RequestContext>,
    },
    /// Adds a subscription, once the operation allows it.
    Subscribe {
        operation: Operation<'a>,
        context: Arc<RequestContext>,
        uri: String,
        session: Session<'a>,
    },
    Unsubscribe {
        uri: String,
        session: Session<'a>,
    },
    SetLevel {
        level: LogLevel,
        session: Session<'a>,
    },
    /// A stream of changes, which HTTP serves by itself.
    Listen {
        listening: Listening,
        subscriber: Subscriber,
    },
}

impl Decision<'_> {
    /// Returns `true` if code of the server runs, which may take any time.
    pub(super) fn runs_method(&self) -> bool {
        match &self.action {
            Action::Run { operation, .. } => operation.runs_method(),
            Action::Subscribe { operation, .. } => operation.has_verdict(),
            Action::Unsubscribe { .. } | Action::SetLevel { .. } | Action::Listen { .. } => false,
        }
    }
}

impl<'a, C: Fn(Option<&AccessToken>, &RequiredScopes) -> bool> Dispatcher<'a, C> {
    /// Finds what a request asks for, as far as its caller may see that.
    pub(super) fn resolve(
        &self,
        request: &'a Request<'a>,
        version: ProtocolVersion,
        token: Option<&AccessToken>,
        recording: &mut Recording<'_>,
    ) -> Result<ResolvedRequest<'a>, Error> {
        let satisfies = |needed: &RequiredScopes| (self.satisfies)(token, needed);
        let operation = self.catalog.operation(request, version, token, satisfies)?;
        recording.set_item(operation.item());
        Ok(ResolvedRequest { request, version, operation })
    }

    /// Counts a request of a caller who has the scopes for it.
    ///
    /// # Errors
    /// The request is beyond the rate of the server.
    pub(super) async fn count(&self, token: Option<&AccessToken>) -> Result<(), Error> {
        self.catalog.count_request(self.service.shared(), token).await
    }

    /// Refuses a request like that for an unknown item, if guards hide the item from the caller.
    ///
    /// It comes before everything that depends on the item and is not a scope: rates, arguments, and what a tool needs of
    /// its client.
    pub(super) async fn reveal(&self, resolved: &ResolvedRequest<'_>, caller: &Caller) -> Result<(), Error> {
        let ResolvedRequest { version, operation, .. } = resolved;
        if operation.hidden_item().is_none() {
            return Ok(());
        }
        // Boxed, because few items are hidden, and every request would have to reserve its size.
        Box::pin(self.catalog.reveal(operation, *version, caller, self.service.shared())).await
    }

    /// Decides about a request that was [revealed](Self::reveal). No stream begins before the decision.
    pub(super) fn decide(
        &self,
        resolved: ResolvedRequest<'a>,
        caller: Caller,
        outbox: Outbox,
        recording: &mut Recording<'_>,
    ) -> Result<Decision<'a>, Error> {
        let ResolvedRequest { request, version, operation } = resolved;
        let handshake = if request.method == "initialize" {
            if self.session.is_some() {
                return Err(Error::invalid_request("Invalid request: the session has begun already"));
            }
            Some(Box::new(Handshake::read(request, caller.token.as_ref())?))
        } else {
            None
        };
        let needed_session = || {
            self.session.ok_or_else(|| {
                Error::invalid_request(format!(
                    "Invalid request: `{}` needs a session; begin one with `initialize`",
                    request.method
                ))
            })
        };
        let item = operation.item();
        let mut context_of = |mut caller: Caller, outbox| {
            if let Some(session) = self.session {
                session.identify(&mut caller);
            }
            let context = RequestContext::new(self.service.handle(), request, item, version, caller, outbox)?;
            recording.set_context(&context);
            Ok::<_, Error>(context)
        };
        let action = match operation {
            Operation::Subscribe { ref normal, on: true, .. } => {
                let (uri, session) = (normal.clone(), needed_session()?);
                Action::Subscribe { operation, context: context_of(caller, outbox)?, uri, session }
            }
            Operation::Subscribe { normal, on: false, .. } => {
                Action::Unsubscribe { uri: normal, session: needed_session()? }
            }
            Operation::SetLevel => Action::SetLevel { session: needed_session()?, level: request.params.level()? },
            Operation::Listen => {
                let shared = self.service.shared();
                let permit =
                    shared.budget().buffered.empty(account_of(shared, caller.token.as_ref(), caller.parts.as_deref()));
                let satisfies = |needed: &RequiredScopes| (self.satisfies)(caller.token.as_ref(), needed);
                let wanted = RequestedChanges::parse(request, self.limits, permit)?;
                let listening = Listening::begin(request, wanted, self.catalog, shared.listeners(), satisfies)?;
                Action::Listen { listening, subscriber: Subscriber::new(caller, self.service.handle()) }
            }
            operation => Action::Run { operation, context: context_of(caller, outbox)? },
        };
        Ok(Decision { action, handshake })
    }

    /// Runs a request to its end, and returns its result.
    pub(super) async fn run(&self, decision: Decision<'a>, outbox: &Outbox) -> Result<OperationResult<'a>, Error> {
        match decision.action {
            // Pinned in place: awaited directly, a future of this size is copied twice.
            Action::Run { operation, context } => return pin!(self.catalog.run(operation, &context)).await,
            Action::Listen { mut listening, subscriber } => {
                listening.decide(self.catalog, &subscriber).await?;
                let may_hear = self.service.may_hear(subscriber, |_, _| true);
                return Ok(OperationResult::ok(listening.checked_by(may_hear).run(outbox).await));
            }
            Action::Subscribe { operation, context, uri, session } => {
                Box::pin(self.catalog.run(operation, &context)).await?;
                session.preferences.subscribe(&uri, self.limits).await?;
            }
            Action::Unsubscribe { uri, session } => session.preferences.unsubscribe(&uri, self.limits).await?,
            Action::SetLevel { level, session } => session.preferences.set_log_level(level, self.limits).await?,
        }
        Ok(OperationResult::ok(response::EMPTY))
    }
}
