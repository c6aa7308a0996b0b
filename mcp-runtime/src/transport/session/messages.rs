//! The messages between instances about sessions.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth::TokenDigest;
use crate::protocol::error::{Error, INTERNAL_ERROR};

/// A message to all instances.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum SessionMessage {
    /// The client ended the session.
    Ended {
        session: SessionKey,
        /// The end that the session would have had, in seconds since 1970.
        expiry: u64,
    },
    /// The record of the session is another one.
    Changed { session: SessionKey },
    /// The client cancelled a request, which some instance may run.
    Cancelled { session: SessionKey, id: Box<RawValue> },
}

/// A request to the instance that owns a part of a session.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum SessionQuery {
    /// Delivers the answer of the client to a question.
    Answer { session: SessionKey, question: u64, outcome: AnswerOutcome },
    /// Finds a stream of events.
    FindStream { session: SessionKey, stream: String },
    /// Reads on in a stream.
    ReadStream(StreamRead),
}

/// A read of the events of a stream, for a client of another instance.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) struct StreamRead {
    pub(in crate::transport) session: SessionKey,
    pub(in crate::transport) stream: String,
    /// The reader, which replaces the others of the stream with its first read.
    pub(in crate::transport) reader: u64,
    /// The number of the last event that the reader has.
    pub(in crate::transport) last: u64,
    /// Set if the owner waits a while for the next event.
    pub(in crate::transport) waits: bool,
}

/// The reply of an owner to a search for a stream.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum FindReply {
    Unknown,
    Found {
        /// The scopes that reading the stream needs.
        needed: Option<Vec<String>>,
    },
}

/// The reply of an owner to a read.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum ReadReply {
    /// There has never been an event of this number.
    Unknown,
    /// The owner has no room for a further reader.
    Overloaded,
    Events {
        /// The number of the first of these events.
        first: u64,
        events: Vec<String>,
        /// Set if the connection of the client ends after these events.
        is_over: bool,
    },
}

/// The outcome of a question at the client.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum AnswerOutcome {
    Result(Box<RawValue>),
    Error { code: i32, message: String },
}

impl AnswerOutcome {
    /// Copies an outcome that the client sent.
    pub(in crate::transport) fn of(outcome: &Result<&RawValue, Error>) -> Self {
        match outcome {
            Ok(result) => Self::Result((*result).to_owned()),
            Err(error) => {
                Self::Error { code: error.code().unwrap_or(INTERNAL_ERROR), message: error.message().to_owned() }
            }
        }
    }
}

impl From<AnswerOutcome> for Result<Box<RawValue>, Error> {
    fn from(outcome: AnswerOutcome) -> Self {
        match outcome {
            AnswerOutcome::Result(result) => Ok(result),
            AnswerOutcome::Error { code, message } => Err(Error::new(code, message)),
        }
    }
}

/// The reply of an owner to an answer: taken, or the error for the client.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum AnswerReply {
    Taken,
    Refused { code: i32, message: String },
}

impl From<Result<(), Error>> for AnswerReply {
    fn from(taken: Result<(), Error>) -> Self {
        match taken {
            Ok(()) => Self::Taken,
            Err(error) => {
                Self::Refused { code: error.code().unwrap_or(INTERNAL_ERROR), message: error.message().to_owned() }
            }
        }
    }
}

impl From<AnswerReply> for Result<(), Error> {
    fn from(reply: AnswerReply) -> Self {
        match reply {
            AnswerReply::Taken => Ok(()),
            AnswerReply::Refused { code, message } => Err(Error::new(code, message)),
        }
    }
}

/// The key of a session, as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::transport) struct SessionKey(pub(in crate::transport) TokenDigest);

impl From<SessionKey> for String {
    fn from(key: SessionKey) -> Self {
        key.0.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for SessionKey {
    type Error = &'static str;

    fn try_from(digits: String) -> Result<Self, &'static str> {
        const INVALID: &str = "a key has 64 hexadecimal digits";
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(INVALID);
        }
        for (byte, place) in bytes.iter_mut().zip((0..).step_by(2)) {
            let pair = digits.get(place..place + 2).ok_or(INVALID)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| INVALID)?;
        }
        Ok(Self(TokenDigest::from_bytes(bytes)))
    }
}

/// Writes a message, a request or a reply.
pub(in crate::transport) fn encode(message: &impl Serialize) -> Vec<u8> {
    // These types have no maps with other keys than texts.
    serde_json::to_vec(message).unwrap_or_default()
}

/// Reads a message, a request or a reply. Returns `None` for one of a newer version of the program.
pub(in crate::transport) fn decode<T: DeserializeOwned>(message: &[u8]) -> Option<T> {
    serde_json::from_slice(message).ok()
}
