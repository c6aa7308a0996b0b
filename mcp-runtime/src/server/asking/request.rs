//! Requests to the client, and the answers to them.

use std::collections::HashMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::fingerprint::digest_of_question;
use crate::json::read::{is_object, without_position};
use crate::json::truncate::truncated;
use crate::protocol::error::Error;

/// A request to the client.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InputRequest {
    method: &'static str,
    params: Box<RawValue>,
    /// Checks a result of this method, before the reader of the question does.
    #[serde(skip)]
    pub(super) check: fn(&RawValue) -> Result<(), String>,
}

impl InputRequest {
    /// Creates a request whose result is an `R`.
    #[expect(clippy::expect_used, reason = "the params are of types of this crate, which have a JSON form")]
    pub(crate) fn new<R: DeserializeOwned>(method: &'static str, params: &impl Serialize) -> Self {
        let params = serde_json::value::to_raw_value(params).expect("params");
        Self { method, params, check: |raw| read_answer::<R>(raw).map(drop) }
    }

    /// Returns the length of the request, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.method.len() + self.params.get().len()
    }

    /// Returns a digest of the whole request.
    pub(super) fn digest(&self) -> String {
        digest_of_question(self.method, &self.params)
    }
}

/// A request to the client, with its key and the rules for its answer.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedRequest {
    /// The name of the answer in `inputResponses`, unique within a request.
    pub(crate) key: String,
    pub(crate) request: InputRequest,
    /// Accepts each answer for one run of the method.
    pub(super) once: bool,
    /// Reports an unreachable client as a protocol error.
    pub(super) required: bool,
}

/// The member `inputRequests`: an object of questions by key, in the order of the handler.
pub(crate) struct InputRequests<I>(pub(crate) I);

impl<'a, I: Iterator<Item = (&'a str, &'a InputRequest)> + Clone> Serialize for InputRequests<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

/// An answer of the client, unparsed.
pub(crate) type RawAnswer = Box<RawValue>;

/// The answers of the client, by the key of their question.
pub(crate) type RawAnswers = HashMap<String, RawAnswer>;

/// Reads the answers in `inputResponses`.
pub(crate) fn read_answers(raw: &RawValue) -> Result<RawAnswers, Error> {
    if !is_object(raw) {
        return Err(answers_must_be_object());
    }
    serde_json::from_str(raw.get()).map_err(|_| Error::invalid_params("Invalid params: `inputResponses` can't be read"))
}

/// Creates the error for `inputResponses` of another type.
pub(crate) fn answers_must_be_object() -> Error {
    Error::invalid_params("Invalid params: `inputResponses` must be an object")
}

/// Reads an answer of the client, which must be an object.
pub(crate) fn read_answer<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    if !is_object(raw) {
        return Err("it must be an object".to_owned());
    }
    serde_json::from_str(raw.get()).map_err(|error| truncated(&without_position(&error)).to_owned())
}

/// Creates the error for a client that exceeds the timeout of a question.
pub(crate) fn question_timed_out(key: &str, timeout: Duration) -> Error {
    Error::tool(format!("The client did not answer `{key}`: it took longer than {timeout:?}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::response::push;
    use crate::protocol::roots::ListRootsResult;

    #[test]
    fn questions_are_written_in_the_order_in_which_they_were_asked() {
        let request = InputRequest::new::<ListRootsResult>("roots/list", &json!({}));
        let mut out = Vec::new();
        push(&mut out, &InputRequests(["when", "how"].iter().map(|key| (*key, &request))));
        let expected = r#"{"when":{"method":"roots/list","params":{}},"how":{"method":"roots/list","params":{}}}"#;
        assert_eq!(String::from_utf8(out).expect("JSON"), expected);
    }
}
