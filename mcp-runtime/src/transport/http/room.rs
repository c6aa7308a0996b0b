//! The room that a server has for what it keeps for an account beyond the connection.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::request::kept::bytes_of_head;
use super::response::body::ResponseBody;
use crate::budget::{AccountKey, Budget, FLAT_CHARGE, Permit, Pool};
use crate::protocol::error::Error;
use crate::protocol::message::Request;

/// Limits the bytes of a response in a session that take no permit. A stream keeps it when its client is gone.
const SESSION_CHARGE: usize = 4 * 1024;

/// The requests that get through when everything is used up. They run no method, and one of them makes room.
const UNCOUNTED: [&str; 2] = ["ping", "resources/unsubscribe"];

/// The room for one account.
pub(super) struct Room<'a> {
    pub(super) budget: &'a Budget,
    pub(super) account: Option<AccountKey>,
}

/// The permits of a stream, or of a request in a session: for its number, its connection, and what it keeps.
pub(super) struct LastingPermits {
    _number: Permit,
    _connection: Permit,
    _bytes: Permit,
}

impl Room<'_> {
    /// Returns the permits that a body can use, one after the other.
    ///
    /// The answer to an open question has a second one, so that it gets through when the first is used up.
    pub(super) fn body(&self, number: usize, has_question: impl FnOnce() -> bool) -> Option<Permit> {
        match number {
            0 => Some(self.buffer()),
            1 if has_question() => Some(self.budget.answers.empty(self.account)),
            _ => None,
        }
    }

    /// Returns a permit for bytes that are buffered, at first for none.
    pub(super) fn buffer(&self) -> Permit {
        self.budget.buffered.empty(self.account)
    }

    /// Takes the permits of a stream for changes, which keeps the head of its request, and so many bytes of its body.
    pub(super) fn stream(&self, parts: &Parts, body: usize) -> Result<LastingPermits, Error> {
        self.lasting(&self.budget.streams, 1, bytes_of_head(parts) + body.min(FLAT_CHARGE))
    }

    /// Takes the permits of requests in a session, with everything that their connection would stand for.
    ///
    /// Some requests need none, and neither do other messages. Where every request waits for its client, the answers of the
    /// client must get through.
    pub(super) fn session_requests<'r>(
        &self,
        requests: impl Iterator<Item = &'r Request<'r>>,
        parts: &Parts,
    ) -> Result<Option<LastingPermits>, Error> {
        let lengths =
            requests.filter(|request| !UNCOUNTED.contains(&&*request.method)).map(|request| request.message.len());
        let (count, bytes) =
            lengths.fold((0, 0), |(count, bytes), length| (count + 1, bytes + length.min(FLAT_CHARGE)));
        if count == 0 {
            return Ok(None);
        }
        self.lasting(&self.budget.session_requests, count, bytes + bytes_of_head(parts)).map(Some)
    }

    fn lasting(&self, pool: &Arc<Pool>, number: usize, bytes: usize) -> Result<LastingPermits, Error> {
        Ok(LastingPermits {
            _number: self.take(pool, number)?,
            _connection: self.take(&self.budget.lasting, 1)?,
            _bytes: self.take(&self.budget.buffered, bytes)?,
        })
    }

    fn take(&self, pool: &Arc<Pool>, amount: usize) -> Result<Permit, Error> {
        pool.take(self.account, amount).map_err(|reason| Error::overloaded(pool.refuse(reason)))
    }
}

/// Returns a response with a permit for its bytes, if it is long.
///
/// The room is made for a long one only, because the key of an account costs more than the rest.
pub(super) fn charged_response<'a>(
    response: Response<Bytes>,
    in_session: bool,
    room: impl FnOnce() -> Room<'a>,
) -> Result<Response<ResponseBody>, Error> {
    let length = response.body().len();
    if length <= if in_session { SESSION_CHARGE } else { FLAT_CHARGE } {
        return Ok(response.map(ResponseBody::from));
    }
    let room = room();
    let permit = room.take(&room.budget.buffered, length)?;
    Ok(response.map(|body| ResponseBody::charged(body, permit)))
}
