//! Errors of messages, and of what these name.

use std::borrow::Cow;
#[cfg(feature = "http")]
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Error;
#[cfg(feature = "http")]
use super::codes::HEADER_MISMATCH;
use super::codes::{INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION};
use crate::json::truncate::truncated;
use crate::protocol::version::ProtocolVersion;

/// Errors of messages, and of what these name.
impl Error {
    /// Makes the error of a tool that does not exist.
    pub(crate) fn unknown_tool(name: &str) -> Self {
        Self::invalid_params(format!("Unknown tool: {}", truncated(name)))
    }

    /// Makes the error of a prompt that does not exist.
    pub(crate) fn unknown_prompt(name: &str) -> Self {
        Self::invalid_params(format!("Unknown prompt: {}", truncated(name)))
    }

    /// Makes the error of a text that is no JSON.
    pub(crate) fn parse(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PARSE_ERROR, message)
    }

    /// Makes the error of a message that is no request.
    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(INVALID_REQUEST, message)
    }

    /// Makes the error of a method that does not exist.
    pub(crate) fn method_not_found(method: &str) -> Self {
        Self::new(METHOD_NOT_FOUND, format!("Method not found: {}", truncated(method)))
    }

    /// Makes the error of a header that does not repeat the body.
    #[cfg(feature = "http")]
    pub(crate) fn header_mismatch(message: impl fmt::Display) -> Self {
        Self::new(HEADER_MISMATCH, format!("Header mismatch: {message}"))
    }

    /// Makes the error of a revision that is not served.
    pub(crate) fn unsupported_version(requested: &str) -> Self {
        #[derive(Serialize)]
        struct Versions<'a> {
            supported: [&'static str; 4],
            requested: &'a str,
        }
        Self::new(UNSUPPORTED_PROTOCOL_VERSION, "Unsupported protocol version").data(&Versions {
            supported: ProtocolVersion::SUPPORTED.map(ProtocolVersion::as_str),
            requested: truncated(requested),
        })
    }

    /// Returns the data as JSON.
    pub(crate) fn raw_data(&self) -> Option<&RawValue> {
        self.data.as_deref()
    }

    /// Makes the error that a response carries.
    pub(crate) fn from_wire(code: i32, message: String, data: Option<Box<RawValue>>) -> Self {
        Self { data, ..Self::new(code, message) }
    }
}

/// An error on its way to another instance of the server: its code, and its message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SentError {
    code: i32,
    message: String,
}

impl From<&Error> for SentError {
    fn from(error: &Error) -> Self {
        Self { code: error.code().unwrap_or(INTERNAL_ERROR), message: error.message().to_owned() }
    }
}

#[diagnostic::do_not_recommend]
impl From<SentError> for Error {
    fn from(SentError { code, message }: SentError) -> Self {
        Self::new(code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_cut_off_before_it_is_repeated() {
        let (long, short) = ("é".repeat(1000), "é".repeat(128));
        assert_eq!(truncated(&long), short);
        assert_eq!(truncated(&short), short);
        assert_eq!(Error::method_not_found(&long).message(), format!("Method not found: {short}"));
        let data = Error::unsupported_version(&long).data.expect("data");
        assert!(data.get().ends_with(&format!(r#""requested":"{short}"}}"#)), "{data}");
    }
}
