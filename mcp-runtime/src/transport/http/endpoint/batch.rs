//! The steps of several messages in one request, which only 2025-03-26 has ("Batching").

use std::pin::pin;
use std::sync::Arc;

use http::request::Parts;
use http::{Response, StatusCode};

use super::Endpoint;
use super::message::{caller_of, resolve, until_cancelled};
use crate::auth::RequiredScopes;
use crate::auth::audit::RequestOutcome;
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::json_response::json_response;
use crate::protocol::error::Error;
use crate::protocol::message::{self, Message};
use crate::protocol::response;
use crate::server::{Outbox, Recording, account_in};
use crate::transport::http::response::body::ResponseBody;
use crate::transport::http::response::late::or_stream;
use crate::transport::http::response::{empty, overloaded, refused_answer, silence};
use crate::transport::http::room::charged_response;
use crate::transport::http::session::{SessionRequest, batch, take_answer, take_notification};

impl<G: Gate> Endpoint<G> {
    /// Serves the messages of a batch side by side, and answers when all are done. Nothing runs unless the caller may ask
    /// for all of it.
    pub(super) async fn answer_batch(
        &self,
        messages: &[Message<'_>],
        parts: &Arc<Parts>,
        caller: Admitted,
        outbox: &Outbox,
        session: Option<&SessionRequest>,
        recording: Recording<'static>,
    ) -> Response<ResponseBody> {
        let catalog = self.service.catalog();
        let dispatcher = &self.dispatcher(&catalog, session);
        let mut requests: Vec<_> = requests_of(messages)
            .map(|request| {
                let mut recording = recording.fork().of(request);
                let resolved = if request.method == "initialize" {
                    let message = "Invalid request: `initialize` can't be part of a batch";
                    Err((StatusCode::OK, Error::invalid_request(message)))
                } else {
                    resolve(dispatcher, request, &parts.headers, &caller, &mut recording)
                };
                (request, resolved, recording)
            })
            .collect();
        recording.discard();
        if let Some(session) = session {
            let all = requests.iter().filter_map(|(_, resolved, _)| resolved.as_ref().ok()?.operation.needed());
            let _ =
                session.needed.set(RequiredScopes::Composed(all.flat_map(RequiredScopes::scopes).copied().collect()));
        }
        // The decision about all of them is that about the one for which the caller lacks something, or else the first.
        let needs: Vec<_> = (requests.iter())
            .map(|(request, resolved, _)| {
                (*request, resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed()))
            })
            .collect();
        let lacking = |needed: &_| !self.gate.satisfies(caller.token(), needed);
        let decisive = (needs.iter()).find(|(_, needed)| needed.is_some_and(lacking)).or(needs.first()).copied();
        let (request, needed) = decisive.unzip();
        let target = request.map(AuditTarget::from).unwrap_or_default();
        let authorized = self.gate.authorize(caller, target, needed.flatten());
        let mut end_all = |outcome| requests.iter_mut().for_each(|(.., recording)| recording.set_outcome(outcome));
        let token = match authorized {
            Ok(token) => token,
            Err(refused) => {
                end_all(RequestOutcome::InsufficientScope);
                return (*refused).map(ResponseBody::from);
            }
        };
        if let Some(session) = session {
            let permits = self.room(token.as_ref(), account_in(parts)).session_requests(requests_of(messages), parts);
            match permits {
                Ok(permits) => permits.into_iter().for_each(|permits| drop(session.permits.set(permits))),
                Err(error) => {
                    end_all(RequestOutcome::from(&error));
                    return overloaded(None, &error).map(ResponseBody::from);
                }
            }
        }
        // First, because nothing is run when one of them can't be accepted.
        for message in messages {
            if let Message::Response(answer) = message
                && let Err(error) = Box::pin(take_answer(answer, session)).await
            {
                let response = refused_answer(&error);
                end_all(RequestOutcome::Refused(response.status().as_u16()));
                return response.map(ResponseBody::from);
            }
        }
        for message in messages {
            if let Message::Notification(notification) = message {
                take_notification(notification, session);
            }
        }
        let mut answers = Vec::new();
        for (request, resolved, mut recording) in requests {
            let caller = caller_of(token.clone(), Arc::clone(parts), session, &recording);
            answers.push(async move {
                let result = async {
                    dispatcher.count(caller.token.as_ref()).await?;
                    let resolved = resolved.map_err(|(_, error)| error)?;
                    dispatcher.reveal(&resolved, &caller).await?;
                    let decision = dispatcher.decide(resolved, caller, outbox.clone(), &mut recording)?;
                    let work = pin!(dispatcher.run(decision, outbox));
                    match dispatcher.session {
                        None => work.await.map(Some),
                        Some(session) => until_cancelled(session, request.id, work).await,
                    }
                };
                let result = result.await.transpose()?;
                recording.end(&result);
                // Not reported yet, because there may be no room for all the answers together.
                Some((response::answer(request.id, result.map(|result| result.json)), recording))
            });
        }
        if answers.is_empty() {
            return empty(StatusCode::ACCEPTED).map(ResponseBody::from);
        }
        let joined = pin!(batch::join(answers));
        let answers = or_stream(joined, outbox, self.limits.request.stream_after).await;
        let (answers, mut recordings): (Vec<_>, Vec<_>) = answers.into_iter().flatten().unzip();
        if answers.is_empty() {
            return silence().map(ResponseBody::from);
        }
        let response = json_response(StatusCode::OK, batch::array(&answers));
        let room = || self.room(token.as_ref(), account_in(parts));
        charged_response(response, session.is_some(), room).unwrap_or_else(|error| {
            recordings.iter_mut().for_each(|recording| recording.fail(&error));
            overloaded(None, &error).map(ResponseBody::from)
        })
    }
}

/// Returns the requests in a batch.
fn requests_of<'m, 'a>(messages: &'m [Message<'a>]) -> impl Iterator<Item = &'m message::Request<'a>> {
    messages.iter().filter_map(|message| match message {
        Message::Request(request) => Some(request),
        _ => None,
    })
}
