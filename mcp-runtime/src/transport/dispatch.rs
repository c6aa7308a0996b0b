//! The way from a request to its result, in two phases: a request is decided before anything of it runs.

use std::borrow::Cow;
use std::sync::Arc;

use super::session::{Handshake, Session};
use crate::auth::{AccessToken, RequiredScopes};
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Caller, Catalog, Listening, Operation, Outbox, RequestContext, Service};

/// The surroundings in which a message is dispatched.
pub(super) struct Dispatcher<'a, C> {
    pub(super) service: &'a Arc<Service>,
    pub(super) catalog: &'a Arc<Catalog>,
    /// The session of the message. Absent in a handshake, which begins one.
    pub(super) session: Option<&'a Session>,
    pub(super) max_subscriptions: usize,
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
    pub(super) request: &'a Request<'a>,
    pub(super) version: ProtocolVersion,
    pub(super) caller: Caller,
    pub(super) action: Action<'a>,
    /// The session that the request begins, for its transport.
    pub(super) handshake: Option<Box<Handshake>>,
}

/// The effect of a request.
pub(super) enum Action<'a> {
    Operation(Operation<'a>),
    /// A stream, which HTTP serves by itself.
    Listen(Listening),
}

impl Decision<'_> {
    /// Returns `true` if a method of the server runs, which may take any time.
    pub(super) fn runs_method(&self) -> bool {
        matches!(&self.action, Action::Operation(operation) if operation.runs_method())
    }
}

impl<'a, C: Fn(Option<&AccessToken>, &RequiredScopes) -> bool> Dispatcher<'a, C> {
    /// Finds what a request asks for, as far as its caller may see that.
    pub(super) fn resolve(
        &self,
        request: &'a Request<'a>,
        version: ProtocolVersion,
        token: Option<&AccessToken>,
    ) -> Result<ResolvedRequest<'a>, Error> {
        let operation = self.catalog.operation(request, version, |needed| (self.satisfies)(token, needed))?;
        Ok(ResolvedRequest { request, version, operation })
    }

    /// Decides about the request of a caller who has the scopes for it. No stream begins before the decision.
    pub(super) async fn decide(&self, resolved: ResolvedRequest<'a>, caller: Caller) -> Result<Decision<'a>, Error> {
        let ResolvedRequest { request, version, operation } = resolved;
        let is_handshake = request.method == "initialize";
        let needs_session = matches!(operation, Operation::Subscribe { .. } | Operation::SetLevel);
        let caller = match self.session {
            Some(_) if is_handshake => {
                return Err(Error::invalid_request("Invalid request: the session has begun already"));
            }
            None if needs_session => {
                return Err(Error::invalid_request(format!(
                    "Invalid request: `{}` needs a session; begin one with `initialize`",
                    request.method
                )));
            }
            Some(session) => session.identify(caller),
            None => caller,
        };
        let handshake = Handshake::read(request, caller.token.as_ref())?.map(Box::new);
        let action = match operation {
            Operation::Listen => {
                let (listeners, limit) = (self.service.shared().listeners(), self.max_subscriptions);
                let satisfies = |needed: &RequiredScopes| (self.satisfies)(caller.token.as_ref(), needed);
                Action::Listen(Listening::begin(request, self.catalog, listeners, limit, satisfies)?)
            }
            operation => Action::Operation(operation),
        };
        Ok(Decision { request, version, caller, action, handshake })
    }

    /// Runs a request to its end, and returns its result.
    pub(super) async fn run(&self, decision: Decision<'a>, outbox: Outbox) -> Result<Cow<'a, [u8]>, Error> {
        let Decision { request, version, caller, action, .. } = decision;
        match (action, self.session) {
            (Action::Listen(listening), _) => return Ok(listening.run(&outbox).await.into()),
            (Action::Operation(Operation::Subscribe { uri, on: true, .. }), Some(session)) => {
                session.preferences.subscribe(&uri, self.max_subscriptions)?;
            }
            (Action::Operation(Operation::Subscribe { uri, on: false, .. }), Some(session)) => {
                session.preferences.unsubscribe(&uri);
            }
            (Action::Operation(Operation::SetLevel), Some(session)) => {
                session.preferences.set_log_level(request.params.level()?);
            }
            (Action::Operation(operation), _) => {
                let context = RequestContext::new(
                    self.service.shared(),
                    self.service.editor(),
                    request,
                    version,
                    caller,
                    outbox,
                )?;
                return self.catalog.run(operation, &context).await;
            }
        }
        Ok(Cow::Borrowed(response::EMPTY))
    }
}
