//! The body of a request, read within limits.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::budget::{FLAT_CHARGE, Permit, charged};
use crate::limits::RequestLimits;
use crate::protocol::error::Error;
use crate::transport::http::response::{failure, overloaded, reject};

/// A request body, whatever server received it.
pub(crate) trait RequestBody:
    Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> RequestBody for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static
{
}

/// The response to a body that can't be read.
pub(in crate::transport::http) struct BodyRefusal {
    pub(in crate::transport::http) response: Response<Bytes>,
    /// Set if a client that waited to be asked has been asked.
    pub(in crate::transport::http) has_begun: bool,
}

/// Reads all of a body, within the limits of its bytes and its time.
///
/// A body beyond the flat charge of its connection takes a permit, which grows as the body arrives. The bytes hold it.
/// `permits` gives one after the other, until one can grow.
pub(in crate::transport::http) async fn read<B: RequestBody>(
    body: &mut B,
    limits: &RequestLimits,
    permits: impl FnMut() -> Option<Permit>,
) -> Result<Bytes, BodyRefusal> {
    let limit = limits.body_bytes;
    let too_large = |has_begun| {
        let message = format!("The body is larger than {limit} bytes");
        let response = failure(StatusCode::PAYLOAD_TOO_LARGE, None, &Error::invalid_request(message));
        BodyRefusal { response, has_begun }
    };
    // A body that is announced as too large is not worth reading.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(false));
    }
    let mut read = pin!(collect(body, limit, permits));
    // Nearly always, the body has come together with the head, and needs no timer.
    let at_once = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await;
    let read = match at_once {
        Poll::Ready(read) => Ok(read),
        Poll::Pending => tokio::time::timeout(limits.body_timeout, read).await,
    };
    let broken = |status, message| BodyRefusal { response: reject(status, message), has_begun: true };
    match read {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(BodyError::TooLarge)) => Err(too_large(true)),
        Ok(Err(BodyError::Overloaded(error))) => {
            Err(BodyRefusal { response: overloaded(None, &error), has_begun: true })
        }
        Ok(Err(BodyError::Broken)) => Err(broken(StatusCode::BAD_REQUEST, "The body could not be read")),
        Err(_) => Err(broken(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time")),
    }
}

/// The reason for which a body is incomplete.
enum BodyError {
    TooLarge,
    Broken,
    /// The permits cannot grow.
    Overloaded(Error),
}

/// Collects a body of at most `limit` bytes. Nearly always its first piece is all there is, and then nothing is copied.
async fn collect<B: RequestBody>(
    body: &mut B,
    limit: usize,
    permits: impl FnMut() -> Option<Permit>,
) -> Result<Bytes, BodyError> {
    // Nothing is announced of a body in chunks.
    let most = body.size_hint().upper().and_then(|upper| usize::try_from(upper).ok()).unwrap_or(limit).min(limit);
    let mut charge = BodyCharge { permits, permit: None };
    let mut first = Bytes::new();
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers mean nothing in this protocol.
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        let before = first.len().max(all.len());
        if data.len() > limit - before {
            return Err(BodyError::TooLarge);
        }
        let length = before + data.len();
        if first.is_empty() {
            charge.grow_to(length)?;
            first = data;
            continue;
        }
        if length > all.capacity() {
            // Doubled, and not all that is announced: a client that sends nothing more would hold it.
            let capacity = all.capacity().saturating_mul(2).max(FLAT_CHARGE).min(most).max(length);
            charge.grow_to(capacity)?;
            all.reserve_exact(capacity - all.len());
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&data);
    }
    let body = if all.is_empty() { first } else { all.into() };
    Ok(charged(body, charge.permit))
}

/// The permit for a body that is longer than the flat charge.
struct BodyCharge<F> {
    permits: F,
    permit: Option<Permit>,
}

impl<F: FnMut() -> Option<Permit>> BodyCharge<F> {
    fn grow_to(&mut self, bytes: usize) -> Result<(), BodyError> {
        if bytes <= FLAT_CHARGE {
            return Ok(());
        }
        if self.permit.is_none() {
            self.permit = (self.permits)();
        }
        while let Some(permit) = &mut self.permit
            && let Err(reason) = permit.grow_to(bytes)
        {
            match (self.permits)() {
                Some(next) => self.permit = Some(next),
                None => return Err(BodyError::Overloaded(Error::overloaded(permit.pool().refuse(reason)))),
            }
        }
        Ok(())
    }
}
