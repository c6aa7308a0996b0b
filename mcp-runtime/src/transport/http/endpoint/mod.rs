//! The steps of a request to the MCP endpoint, from its head to its answer. Their order is the security model: the caller
//! is known before anything of the body is read, and authorized before any of the user's code runs.

mod batch;
mod head;
mod message;
mod session;

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};

use super::request::discard::{BodyRemainder, OF_A_STRANGER, of_a_caller};
use super::request::headers::declared_version;
use super::request::origin::OriginPolicy;
use super::request::peer::{connected_peer, network};
use super::request::read::{BodyRefusal, RequestBody, read};
use super::response::body::ResponseBody;
use super::response::future::{ExtraHeaders, ResponseFuture};
use super::response::page::Page;
use super::response::{Answer, accept, empty, failure, in_form, refused_answer};
use super::room::Room;
use super::session::batch::parse as parse_batch;
use super::session::live::Sessions;
use super::session::{SessionRequest, take_answer, take_notification};
#[cfg(feature = "exchange")]
use crate::auth::TokenExchange;
use crate::auth::audit::Auditor;
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::auth::{AccessToken, RequiredScopes};
use crate::budget::{AccountKey, FLAT_CHARGE};
use crate::json::bytes::unmarked;
use crate::limits::Limits;
use crate::protocol::message::Message;
use crate::server::{Catalog, Exchange, MayHearOf, Outbox, Recording, Service, Subscriber, account_in};
use crate::transport::dispatch::Dispatcher;

/// The MCP endpoint of a server.
pub(super) struct Endpoint<G> {
    pub(super) service: Arc<Service>,
    pub(super) gate: G,
    pub(super) origins: OriginPolicy,
    /// The page for people who have a browser and no token.
    pub(super) page: Option<Page>,
    pub(super) limits: Limits,
    pub(super) sessions: Arc<Sessions>,
    pub(super) session_purpose: String,
    pub(super) auditor: Auditor,
    /// Set if each network has an account, because callers have none otherwise.
    pub(super) account_per_peer: bool,
    /// The exchange of callers' tokens. Absent if no method needs one.
    #[cfg(feature = "exchange")]
    pub(super) exchange: Option<TokenExchange>,
}

impl<G: Gate> Endpoint<G> {
    /// Answers a request from `peer`, if that is known.
    pub(super) fn handle<B: RequestBody>(
        self: &Arc<Self>,
        request: Request<B>,
        peer: Option<SocketAddr>,
    ) -> ResponseFuture {
        let (mut parts, body) = request.into_parts();
        let recording = Recording::begin(&self.auditor, || peer.or_else(|| connected_peer(&parts.extensions)));
        if self.account_per_peer
            && let Some(peer) = peer.or_else(|| connected_peer(&parts.extensions))
            && let Some(account) = self.account_of_peer(peer)
        {
            parts.extensions.insert(account);
        }
        let cors = self.origins.cors(&parts.headers);
        let is_preflight = cors.as_ref().is_some_and(|cors| cors.is_preflight(&parts));
        // Behind a pointer, because the head is handed on a few times, and shared by the messages of a batch.
        let parts = Arc::new(parts);
        let answer = boxed(|| Arc::clone(self).answer_to(parts, body, is_preflight, recording));
        let extra_headers = ExtraHeaders::new(cors, self.gate.nonce());
        ResponseFuture::new(answer, self.limits.streams.keep_alive, extra_headers)
    }

    /// Returns the account of an address, if addresses have some.
    pub(super) fn account_of_peer(&self, peer: SocketAddr) -> Option<AccountKey> {
        self.account_per_peer.then(|| self.service.shared().budget().key(network(peer)))
    }

    /// Takes the steps before the message: head, session, body. The later ones are an exchange, because a refused request
    /// does without one (7 % of its cost).
    async fn answer_to<B: RequestBody>(
        self: Arc<Self>,
        mut parts: Arc<Parts>,
        mut body: B,
        is_preflight: bool,
        mut recording: Recording<'static>,
    ) -> Answer {
        let of_a_caller = of_a_caller(self.limits.request.body_bytes);
        let unwanted =
            |body: B, parts: &Parts, limit| BodyRemainder::new(body, parts, limit, self.limits.request.body_timeout);
        let refuse = |mut response: Response<Bytes>, body: BodyRemainder<B>| {
            body.discard(&mut response);
            Answer::Response(response.map(ResponseBody::from))
        };
        let (caller, accepted) = match self.admit(Arc::make_mut(&mut parts), is_preflight).await {
            Ok(admitted) => admitted,
            Err(refused) => {
                if is_preflight && refused.response.status().is_success() {
                    recording.discard();
                } else {
                    recording.refuse(refused.response.status());
                }
                let limit = if refused.is_known { of_a_caller } else { OF_A_STRANGER };
                return refuse(*refused.response, unwanted(body, &parts, limit));
            }
        };
        recording.set_token(caller.token());
        let (session, gone) = match self.session(&parts.headers, &caller) {
            Ok(session) => (session, None),
            // A client may begin another session before it forgets this one.
            Err(gone) if gone.status() == StatusCode::NOT_FOUND && parts.method == Method::POST => (None, Some(gone)),
            Err(response) => {
                recording.refuse(response.status());
                return refuse(*response, unwanted(body, &parts, of_a_caller));
            }
        };
        if parts.method != Method::POST {
            let body = unwanted(body, &parts, of_a_caller);
            let mut response = Box::pin(self.handle_without_message(&mut parts, caller, session)).await;
            if response.status().is_success() {
                recording.discard();
            } else {
                recording.refuse(response.status());
            }
            body.discard(&mut response);
            return Answer::Response(response);
        }
        let mut tried = 0..;
        let permits = || {
            let has_question = || session.as_ref().is_some_and(|session| self.sessions.has_question(session));
            self.room(caller.token(), account_in(&parts)).body(tried.next()?, has_question)
        };
        let body = match read(&mut body, &self.limits.request, permits).await {
            Ok(body) => unmarked(body),
            Err(BodyRefusal { response, has_begun }) => {
                recording.refuse(response.status());
                let body = unwanted(body, &parts, of_a_caller);
                return refuse(response, BodyRemainder { is_coming: body.is_coming || has_begun, ..body });
            }
        };
        if let Some(gone) = gone
            && !self.begins_session(&body)
        {
            recording.refuse(gone.status());
            return Answer::Response((*gone).map(ResponseBody::from));
        }
        if let Some(session) = session {
            // Boxed, because requests without a session would have to reserve its size.
            let response = Box::pin(self.serve_in_session(body, parts, caller, *session, recording)).await;
            return Answer::Response(in_form(response, accepted.events_first));
        }
        let outbox = Outbox::new(self.limits.streams.capacity(), FLAT_CHARGE);
        if let Some(time) = caller.expires_at() {
            outbox.close_at(time);
        }
        let work = boxed(|| self.receive(body, parts, caller, outbox.clone(), None, recording));
        Answer::Exchange { exchange: Exchange::new(work, outbox), events_first: accepted.events_first }
    }

    /// Takes in the message of a body, or its batch, and returns the response.
    async fn receive(
        self: Arc<Self>,
        body: Bytes,
        parts: Arc<Parts>,
        caller: Admitted,
        outbox: Outbox,
        session: Option<Arc<SessionRequest>>,
        mut recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        let session = session.as_deref();
        if let Some(batch) = parse_batch(&self.limits, &body, &parts.headers, session) {
            return match batch {
                Ok(batch) => self.answer_batch(&batch, &parts, caller, &outbox, session, recording).await,
                Err(unreadable) => {
                    recording.fail(&unreadable.error);
                    failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error).map(ResponseBody::from)
                }
            };
        }
        match &Message::parse(&body, self.limits.request.json_depth) {
            Ok(Message::Request(request)) => {
                return pin!(self.answer(request, parts, caller, outbox, session, recording)).await;
            }
            Ok(Message::Notification(notification)) => {
                recording.discard();
                let asked = AuditTarget { method: Some(&notification.method), ..AuditTarget::default() };
                match self.gate.authorize(caller, asked, None) {
                    Ok(_) => {
                        take_notification(notification, session);
                        accept(&parts.headers)
                    }
                    Err(refused) => *refused,
                }
            }
            Ok(Message::Response(answer)) => {
                recording.discard();
                let taken = match declared_version(&parts.headers) {
                    Ok(_) => Box::pin(take_answer(answer, session)).await,
                    Err(error) => Err(error),
                };
                match taken {
                    Ok(()) => empty(StatusCode::ACCEPTED),
                    Err(error) => refused_answer(&error),
                }
            }
            Err(unreadable) => {
                recording.fail(&unreadable.error);
                failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error)
            }
        }
        .map(ResponseBody::from)
    }

    /// Returns the dispatcher for the messages of one body.
    fn dispatcher<'a>(
        &'a self,
        catalog: &'a Arc<Catalog>,
        session: Option<&'a SessionRequest>,
    ) -> Dispatcher<'a, impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool> {
        Dispatcher {
            service: &self.service,
            catalog,
            session: session.map(SessionRequest::session),
            limits: &self.limits.streams,
            satisfies: |token: Option<&AccessToken>, needed: &RequiredScopes| self.gate.satisfies(token, needed),
        }
    }

    /// Returns the decisions about the resources that a subscriber may hear of.
    fn may_hear(self: &Arc<Self>, subscriber: Subscriber) -> MayHearOf {
        let endpoint = Arc::clone(self);
        self.service.may_hear(subscriber, move |token, needed| endpoint.gate.satisfies(token, needed))
    }

    /// Returns the room for what is kept for a caller with a token, or else from a network.
    fn room(&self, token: Option<&AccessToken>, network: Option<AccountKey>) -> Room<'_> {
        let shared = self.service.shared();
        Room { budget: shared.budget(), account: shared.account(token).or(network) }
    }
}

/// Pins a future on the heap. It is built in its place, where `Box::pin` would copy it from the stack.
fn boxed<F: Future>(future: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::into_pin(Box::write(Box::new_uninit(), future()))
}
