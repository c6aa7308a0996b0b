//! A JSON-RPC response, written once into one buffer; and read, by clients for tests.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::{Error, INTERNAL_ERROR};
use super::message::RequestId;

/// The members of a result object, without its braces: parts that are known at start are appended as they are.
pub(crate) type Members = Vec<u8>;

/// A successful response with the members of its result.
pub(crate) fn success(id: RequestId<'_>, members: &[u8]) -> Vec<u8> {
    [b"{\"jsonrpc\":\"2.0\",\"id\":", id.as_json().as_bytes(), b",\"result\":{", members, b"}}"].concat()
}

/// Returns the response with the members of a result, or with an error.
pub(crate) fn answer(id: RequestId<'_>, result: Result<impl AsRef<[u8]>, Error>) -> Vec<u8> {
    match result {
        Ok(members) => success(id, members.as_ref()),
        Err(error) => failure(Some(id), &error),
    }
}

/// A notification with its params.
pub(crate) fn notification(method: &'static str, params: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Notification<'a, P> {
        jsonrpc: &'static str,
        method: &'static str,
        params: &'a P,
    }
    let mut out = Vec::new();
    push(&mut out, &Notification { jsonrpc: "2.0", method, params });
    out
}

/// An error response; without an id when none could be read.
pub(crate) fn failure(id: Option<RequestId<'_>>, error: &Error) -> Vec<u8> {
    let mut out = b"{\"jsonrpc\":\"2.0\",".to_vec();
    if let Some(id) = id {
        out.extend_from_slice(b"\"id\":");
        out.extend_from_slice(id.as_json().as_bytes());
        out.push(b',');
    }
    out.extend_from_slice(b"\"error\":");
    push_error(&mut out, error);
    out.push(b'}');
    out
}

/// Appends the error object of a response.
pub(crate) fn push_error(out: &mut Vec<u8>, error: &Error) {
    #[derive(Serialize)]
    struct Failure<'a> {
        code: i32,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a RawValue>,
    }
    let (code, message) = (error.code().unwrap_or(INTERNAL_ERROR), error.message());
    push(out, &Failure { code, message, data: error.raw_data() });
}

/// What a response says: its result, or its error. `None` when there is neither, or the result is something else.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(response: &[u8]) -> Option<Result<T, Error>> {
    #[derive(Deserialize)]
    struct Response<T> {
        result: Option<T>,
        error: Option<Failure>,
    }
    #[derive(Deserialize)]
    struct Failure {
        code: i32,
        message: String,
        data: Option<Box<RawValue>>,
    }
    match serde_json::from_slice(response) {
        Ok(Response { result: Some(result), .. }) => Some(Ok(result)),
        Ok(Response { error: Some(error), .. }) => Some(Err(Error::from_wire(error.code, error.message, error.data))),
        _ => None,
    }
}

/// Appends a value of this crate's own, which always has a JSON form.
#[expect(clippy::expect_used, reason = "only for types of this crate, whose serialisation cannot fail")]
pub(crate) fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("a wire type serialises");
}
