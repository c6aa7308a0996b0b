//! Several messages in one request, which only 2025-03-26 has ("Batching").

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};

use bytes::Bytes;

use super::{SessionRequest, take_answer, take_notification};
use crate::auth::RequiredScopes;
use crate::auth::gate::{Admitted, AuditTarget, Gate};
use crate::json_response::json_response;
use crate::limits::Limits;
use crate::protocol::error::Error;
use crate::protocol::message::{Message, Unreadable};
use crate::protocol::response;
use crate::protocol::version::ProtocolVersion;
use crate::server::Outbox;
use crate::transport::http::endpoint::{Endpoint, caller_of, resolve, run};
use crate::transport::http::request::headers::declared_version;
use crate::transport::http::response::late::or_stream;
use crate::transport::http::response::{empty, failure, silence, too_many_streams};

/// Parses a batch, if the body is one and the version has batches.
pub(in crate::transport::http) fn parse<'a>(
    limits: &Limits,
    body: &'a Bytes,
    headers: &HeaderMap,
    session: Option<&SessionRequest>,
) -> Option<Result<Vec<Message<'a>>, Unreadable<'a>>> {
    if !body.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    let agreed = session.map(|request| request.session.handshake.version);
    let version = declared_version(headers).ok()?.or(agreed).unwrap_or(ProtocolVersion::UNDECLARED);
    if version != ProtocolVersion::V2025_03_26 {
        return None;
    }
    Some(Message::parse_batch(body, limits.request.json_depth, limits.request.batch))
}

/// Serves the messages of a batch side by side, and answers when all are done. Nothing runs unless the caller may ask
/// for all of it.
pub(in crate::transport::http) async fn answer<G: Gate>(
    endpoint: &Endpoint<G>,
    batch: &[Message<'_>],
    parts: &Parts,
    caller: Admitted,
    outbox: &Outbox,
    session: Option<&SessionRequest>,
) -> Response<Bytes> {
    let catalog = endpoint.service.catalog();
    let dispatcher = &endpoint.dispatcher(&catalog, session);
    let requests: Vec<_> = batch
        .iter()
        .filter_map(|message| match message {
            Message::Request(request) => Some(request),
            _ => None,
        })
        .map(|request| {
            let resolved = if request.method == "initialize" {
                let message = "Invalid request: `initialize` can't be part of a batch";
                Err((StatusCode::OK, Error::invalid_request(message)))
            } else {
                resolve(dispatcher, request, &parts.headers, &caller)
            };
            (request, resolved)
        })
        .collect();
    if let Some(session) = session {
        let all = requests.iter().filter_map(|(_, resolved)| resolved.as_ref().ok()?.operation.needed());
        let _ = session.needed.set(RequiredScopes::Composed(all.flat_map(RequiredScopes::scopes).copied().collect()));
    }
    // The decision about all of them is that about the one for which the caller lacks something, or else the first.
    let needs: Vec<_> = (requests.iter())
        .map(|(request, resolved)| (*request, resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed())))
        .collect();
    let lacking = |needed: &_| !endpoint.gate.satisfies(caller.token(), needed);
    let decisive = (needs.iter()).find(|(_, needed)| needed.is_some_and(lacking)).or(needs.first()).copied();
    let (request, needed) = decisive.unzip();
    let target = request.and_then(crate::protocol::message::Request::target);
    let asked = AuditTarget {
        id: request.map(|request| request.id),
        method: request.map(|request| &*request.method),
        target: target.as_ref(),
    };
    let token = match endpoint.gate.authorize(caller, asked, needed.flatten()) {
        Ok(token) => token,
        Err(refused) => return *refused,
    };
    if !endpoint.has_permit(session, requests.len()) {
        return too_many_streams(None);
    }
    // First, because nothing is run when one of them can't be accepted.
    for message in batch {
        if let Message::Response(answer) = message
            && let Err(error) = take_answer(answer, session)
        {
            return failure(StatusCode::BAD_REQUEST, None, &error);
        }
    }
    for message in batch {
        if let Message::Notification(notification) = message {
            take_notification(notification, session);
        }
    }
    let mut answers = Vec::new();
    for (request, resolved) in requests {
        let caller = caller_of(token.clone(), Box::new(parts.clone()), session);
        answers.push(async move {
            let result = async {
                let decision = dispatcher.decide(resolved.map_err(|(_, error)| error)?, caller).await?;
                run(dispatcher, decision, outbox.clone()).await
            };
            result.await.transpose().map(|result| response::answer(request.id, result))
        });
    }
    if answers.is_empty() {
        return empty(StatusCode::ACCEPTED);
    }
    let joined = pin!(join(answers));
    let answers = or_stream(joined, outbox, endpoint.limits.request.stream_after).await;
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    if answers.is_empty() { silence() } else { json_response(StatusCode::OK, array(&answers)) }
}

/// Waits for all futures.
async fn join<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<Result<T, Pin<Box<_>>>> = futures.into_iter().map(|future| Err(Box::pin(future))).collect();
    poll_fn(|cx| {
        let mut done = true;
        for future in &mut futures {
            if let Err(waiting) = future {
                match waiting.as_mut().poll(cx) {
                    Poll::Ready(value) => *future = Ok(value),
                    Poll::Pending => done = false,
                }
            }
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures.into_iter().filter_map(Result::ok).collect()
}

fn array(values: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(value);
    }
    out.push(b']');
    out
}
