//! Errors, with the codes of JSON-RPC and MCP.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use super::version::ProtocolVersion;
use crate::json::truncate::truncated;
use crate::seal::SealError;

/// The error of a method that cannot give a result.
///
/// Two readers, two kinds. A **protocol error** is for the developer of the client and becomes a JSON-RPC error;
/// a **tool error** ([`Error::tool`]) is for the model, which sees its text in the result and can try again.
/// Neither is logged; say nothing in the message that the client must not read. The cause of an error is for the log alone,
/// as its [source](Self::with_source).
///
/// ```
/// use mcp::Error;
///
/// let error = Error::invalid_params("the notebook is locked").data(&["work"]);
/// assert_eq!(error.code(), Some(-32602));
/// assert_eq!(error.to_string(), "the notebook is locked");
/// ```
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    data: Option<Box<RawValue>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Protocol(i32),
    Tool,
    NotFound,
    /// A question that the client does not support, with its code for readers other than a model.
    Unaskable(i32),
}

/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const PARSE_ERROR: i32 = -32700;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INVALID_REQUEST: i32 = -32600;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const METHOD_NOT_FOUND: i32 = -32601;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INVALID_PARAMS: i32 = -32602;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INTERNAL_ERROR: i32 = -32603;
/// An error code of MCP 2025-11-25, resources, "Error Handling".
const RESOURCE_NOT_FOUND: i32 = -32002;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const HEADER_MISMATCH: i32 = -32020;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const MISSING_CAPABILITY: i32 = -32021;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const UNSUPPORTED_PROTOCOL_VERSION: i32 = -32022;

impl Error {
    /// Makes a protocol error with a code of your own.
    ///
    /// Use one outside of -32768 to -32000, which JSON-RPC and MCP reserve.
    pub fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Protocol(code), message: message.into(), data: None, source: None }
    }

    /// Makes an error for the model: a result with `isError`.
    pub fn tool(message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Tool, message: message.into(), data: None, source: None }
    }

    /// Makes the protocol error -32602, of a request with wrong parameters.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    /// Makes the protocol error of a resource that does not exist.
    ///
    /// It is -32602 with the URI of the resource, and -32002 before protocol 2026-07-28.
    #[must_use]
    pub fn not_found() -> Self {
        Self { kind: Kind::NotFound, message: Cow::Borrowed("Resource not found"), data: None, source: None }
    }

    /// Makes the protocol error -32603, for a failure of the server.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(INTERNAL_ERROR, message)
    }

    /// Attaches the `data` of the JSON-RPC error, for the client.
    ///
    /// The data of a tool error is dropped, because its result has no place for it. So is a value without a JSON form,
    /// such as a map with keys that are not strings.
    #[must_use]
    pub fn data(mut self, data: &impl Serialize) -> Self {
        self.data = serde_json::value::to_raw_value(data).ok();
        self
    }

    /// Attaches the cause, which is logged and never sent to the client.
    ///
    /// ```
    /// use mcp::Error;
    ///
    /// fn notes() -> Result<String, Error> {
    ///     std::fs::read_to_string("/var/lib/notes.txt")
    ///         .map_err(|error| Error::tool("the notes can't be read, try again later").with_source(error))
    /// }
    /// # assert!(std::error::Error::source(&notes().unwrap_err()).is_some());
    /// ```
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Returns the JSON-RPC code, or `None` for a tool error.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        match self.kind {
            Kind::Protocol(code) | Kind::Unaskable(code) => Some(code),
            Kind::NotFound => Some(INVALID_PARAMS),
            Kind::Tool => None,
        }
    }

    /// Returns `true` if the error is for the model, in the result of a tool.
    pub(crate) fn is_for_model(&self) -> bool {
        matches!(self.kind, Kind::Tool | Kind::Unaskable(_))
    }

    /// Converts the error of an unsupported question to a protocol error.
    pub(crate) fn in_protocol(self) -> Self {
        match self.kind {
            Kind::Unaskable(code) => Self { kind: Kind::Protocol(code), ..self },
            _ => self,
        }
    }

    /// Returns the error of a question that the client does not support.
    pub(crate) fn unaskable(self) -> Self {
        match self.kind {
            Kind::Protocol(code) => Self { kind: Kind::Unaskable(code), ..self },
            _ => self,
        }
    }

    /// Returns the text for the reader.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Completes the error of a missing resource, in the words of a version.
    pub(crate) fn of_resource(self, uri: &str, version: ProtocolVersion) -> Self {
        #[derive(Serialize)]
        struct Missing<'a> {
            uri: &'a str,
        }
        if self.kind != Kind::NotFound {
            return self;
        }
        let code = if version.is_modern() { INVALID_PARAMS } else { RESOURCE_NOT_FOUND };
        Self { kind: Kind::Protocol(code), ..self }.data(&Missing { uri: truncated(uri) })
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
        Self { kind: Kind::Protocol(code), message: Cow::Owned(message), data, source: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind)
            .field("message", &self.message)
            .field("data", &self.data.as_deref().map(RawValue::get));
        if let Some(source) = &self.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        Self::internal(error.to_string())
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
