//! Several messages in one request, which only 2025-03-26 has ("Batching").

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use http::HeaderMap;

use super::SessionRequest;
use crate::limits::Limits;
use crate::protocol::message::{Message, Unreadable};
use crate::protocol::version::ProtocolVersion;
use crate::transport::http::request::headers::declared_version;

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
    let agreed = session.map(|request| request.session().handshake.version);
    let version = declared_version(headers).ok()?.or(agreed).unwrap_or(ProtocolVersion::UNDECLARED);
    if version != ProtocolVersion::V2025_03_26 {
        return None;
    }
    Some(Message::parse_batch(body, limits.request.json_depth, limits.request.batch))
}

/// Waits for all futures.
pub(in crate::transport::http) async fn join<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
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

/// Writes JSON values as an array.
pub(in crate::transport::http) fn array(values: &[Vec<u8>]) -> Vec<u8> {
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
