//! The messages between instances about sessions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth::TokenDigest;
pub(in crate::transport) use crate::backplane::codec::{decode, encode};
use crate::protocol::error::{Error, SentError};

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
    Error(SentError),
}

impl AnswerOutcome {
    /// Copies an outcome that the client sent.
    pub(in crate::transport) fn of(outcome: &Result<&RawValue, Error>) -> Self {
        match outcome {
            Ok(result) => Self::Result((*result).to_owned()),
            Err(error) => Self::Error(error.into()),
        }
    }
}

impl From<AnswerOutcome> for Result<Box<RawValue>, Error> {
    fn from(outcome: AnswerOutcome) -> Self {
        match outcome {
            AnswerOutcome::Result(result) => Ok(result),
            AnswerOutcome::Error(error) => Err(error.into()),
        }
    }
}

/// The reply of an owner to an answer: taken, or the error for the client.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::transport) enum AnswerReply {
    Taken,
    Refused(SentError),
}

impl From<Result<(), Error>> for AnswerReply {
    fn from(taken: Result<(), Error>) -> Self {
        match taken {
            Ok(()) => Self::Taken,
            Err(error) => Self::Refused((&error).into()),
        }
    }
}

impl From<AnswerReply> for Result<(), Error> {
    fn from(reply: AnswerReply) -> Self {
        match reply {
            AnswerReply::Taken => Ok(()),
            AnswerReply::Refused(error) => Err(error.into()),
        }
    }
}

/// The key of a session, in base64url (RFC 4648 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::transport) struct SessionKey(pub(in crate::transport) TokenDigest);

impl From<SessionKey> for String {
    fn from(SessionKey(key): SessionKey) -> Self {
        URL_SAFE_NO_PAD.encode(key.bytes())
    }
}

impl TryFrom<String> for SessionKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(|bytes| Self(TokenDigest::from_bytes(bytes))).ok_or("a key has 32 bytes, in base64url")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_a_text_and_a_newer_message_is_ignored() {
        let key = SessionKey(TokenDigest::of("session"));
        let written = encode(&SessionMessage::Changed { session: key });
        assert!(matches!(decode(&written), Some(SessionMessage::Changed { session }) if session == key));
        assert!(decode::<SessionMessage>(br#"{"Moved":{"session":"00"}}"#).is_none());
        for wrong in ["", "A", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            assert!(SessionKey::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
