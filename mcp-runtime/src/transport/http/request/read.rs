//! The body of a request, read within limits.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::limits::RequestLimits;
use crate::protocol::error::Error;
use crate::transport::http::response::{failure, reject};

/// Limits the bytes that are reserved because a client announces a long body. The same as the default limit of a body;
/// beyond it, memory grows as the body arrives.
const MAX_RESERVED: usize = 4 * 1024 * 1024;

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
pub(in crate::transport::http) async fn read<B: RequestBody>(
    body: &mut B,
    limits: &RequestLimits,
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
    let mut read = pin!(collect(body, limit));
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
        Ok(Err(BodyError::Broken)) => Err(broken(StatusCode::BAD_REQUEST, "The body could not be read")),
        Err(_) => Err(broken(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time")),
    }
}

/// The reason for which a body is incomplete.
enum BodyError {
    TooLarge,
    Broken,
}

/// Collects a body of at most `limit` bytes. Nearly always its first piece is all there is, and then nothing is copied.
async fn collect<B: RequestBody>(body: &mut B, limit: usize) -> Result<Bytes, BodyError> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(limit).min(limit).min(MAX_RESERVED);
    let mut first = Bytes::new();
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers mean nothing in this protocol.
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if data.len() > limit - first.len().max(all.len()) {
            return Err(BodyError::TooLarge);
        }
        if first.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve_exact(expected);
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.into() })
}
