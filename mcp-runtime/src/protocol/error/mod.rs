//! Errors, with the codes of JSON-RPC and MCP.

mod codes;
mod conversions;
mod reader;
mod verdict;
mod wire;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use self::codes::{FORBIDDEN, GATEWAY_TIMEOUT, TOO_MANY_REQUESTS, UNAVAILABLE};
pub(crate) use self::codes::{
    HEADER_MISMATCH, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, MISSING_CAPABILITY,
    PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION,
};
pub(crate) use self::conversions::OriginalError;
pub(crate) use self::verdict::HttpRefusal;
pub(crate) use self::wire::SentError;
use crate::seal::SealError;

/// The error of a method that cannot give a result.
///
/// Two readers, two kinds. A **protocol error** is for the developer of the client and becomes a JSON-RPC error;
/// a **tool error** ([`Error::tool`]) is for the model, which sees its text in the result and can try again.
/// Say nothing in the message that the client must not read. The cause of an error is for the log alone,
/// as its [source](Self::with_source).
///
/// `?` converts any other error: its text and its sources are logged at the level ERROR, and the client reads "Internal
/// error" with an id that finds the line. A `String` and a `&'static str` are texts for the client, like [`Error::tool`].
/// An error type of your own can decide, with [`ToolError`](crate::ToolError).
///
/// ```
/// use mcp::Error;
///
/// let error = Error::invalid_params("the notebook is locked").data(&["work"]);
/// assert_eq!(error.code(), Some(-32602));
/// assert_eq!(error.to_string(), "the notebook is locked");
/// ```
///
/// One value is right in every method:
///
/// | error | tool | resource | prompt, completion |
/// |---|---|---|---|
/// | [`tool`](Self::tool) | a result with `isError` | code 422 | code 422 |
/// | [`not_found`](Self::not_found) | a result with `isError` | the URI is unknown | -32602 |
/// | [`scopes`](Self::scopes) | HTTP 403 with a challenge | HTTP 403 with a challenge | HTTP 403 with a challenge |
/// | [`internal`](Self::internal) | -32603, and logged | -32603, and logged | -32603, and logged |
/// | any other error | a masked result with `isError` | -32603, masked | -32603, masked |
///
/// Codes from 400 to 599 are those of HTTP, because JSON-RPC and MCP reserve those from -32768 to -32000.
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    data: Option<Box<RawValue>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of an error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Protocol(i32),
    Tool,
    NotFound,
    /// A denial as if something did not exist, with the code for that.
    Hidden(i32),
    /// A denial that no token cures.
    Denied,
    /// A part of the request that is absent.
    Absent,
    /// The scopes that the caller needs, by the server's own names.
    Scopes(Box<[String]>),
    /// The user has to sign in again, with the scopes of the operation and what the authorization request needs.
    SignIn {
        scopes: Box<[String]>,
        claims: Option<Box<str>>,
    },
    /// A decision that failed, for the reason in the source.
    Undecided,
    /// Too much is kept for clients, or runs for these.
    Overloaded,
    /// Too many requests, with the seconds until the next.
    RateLimited(u64),
    /// An error of another type, in the source.
    Masked,
    /// A method that panicked, which is logged already.
    Panic,
    /// A method that took too long.
    Timeout,
    /// A question that the client does not support, with its code for readers other than a model.
    Unaskable(i32),
}

impl Error {
    /// Makes a protocol error with a code of your own.
    ///
    /// Use one outside of -32768 to -32000, which JSON-RPC and MCP reserve.
    pub fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Protocol(code), message)
    }

    /// Makes an error for the model: a result with `isError`.
    ///
    /// In a resource, a prompt or a completion, it is a JSON-RPC error with the text and the code 422.
    pub fn tool(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Tool, message)
    }

    /// Makes the protocol error -32602, of a request with wrong parameters.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    /// Makes the error of something that does not exist.
    ///
    /// In a resource, it is the error for an unknown URI: -32602 with the URI, and -32002 before protocol 2026-07-28.
    /// In a tool, the model reads "Not found".
    #[must_use]
    pub fn not_found() -> Self {
        Self::of(Kind::NotFound, "Not found")
    }

    /// Makes the error of a caller who needs more scopes.
    ///
    /// Name those that the operation needs beyond the declared ones. Over HTTP, the response is a 403 with a challenge
    /// (RFC 6750 §3.1) for all scopes of the operation, by which clients get a broader token. Once a stream has begun,
    /// and on other transports, it is a JSON-RPC error with the code 403 and the scopes in its `data`.
    ///
    /// The scopes must be declared by the server, and the caller must lack one of them. Otherwise no token would help:
    /// that is logged, and the client gets an internal error.
    ///
    /// ```
    /// use mcp::{AccessToken, Error};
    ///
    /// fn check_size(notes: usize, token: &AccessToken) -> Result<(), Error> {
    ///     if notes > 100 && !token.has_scope("notes:bulk") {
    ///         return Err(Error::scopes(["notes:bulk"]));
    ///     }
    ///     Ok(())
    /// }
    /// # assert_eq!(check_size(101, &AccessToken::ours("alice")).unwrap_err().code(), Some(403));
    /// ```
    #[must_use]
    pub fn scopes<T: Into<String>>(scopes: impl IntoIterator<Item = T>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self::of(Kind::Scopes(scopes), "This needs more scopes")
    }

    /// Makes the protocol error -32603, for a failure of the server.
    ///
    /// The error is logged, with its [source](Self::with_source). The client reads the message.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(INTERNAL_ERROR, message)
    }

    fn of(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), data: None, source: None }
    }

    /// Attaches the `data` of the JSON-RPC error, for the client.
    ///
    /// In the result of a tool error, it is the `structuredContent`, unless the tool has an output schema, which the data
    /// would have to obey. A value without a JSON form is dropped, such as a map with keys that are not strings.
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
    /// # assert!(notes().unwrap_err().source().is_some());
    /// ```
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Returns the JSON-RPC code, or `None` for a tool error.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        match self.kind {
            Kind::Protocol(code) | Kind::Unaskable(code) | Kind::Hidden(code) => Some(code),
            Kind::NotFound => Some(INVALID_PARAMS),
            Kind::Denied | Kind::Absent | Kind::Scopes(_) | Kind::SignIn { .. } => Some(FORBIDDEN),
            Kind::Undecided => Some(UNAVAILABLE),
            Kind::RateLimited(_) => Some(TOO_MANY_REQUESTS),
            Kind::Masked | Kind::Panic | Kind::Overloaded => Some(INTERNAL_ERROR),
            Kind::Timeout => Some(GATEWAY_TIMEOUT),
            Kind::Tool => None,
        }
    }

    /// Returns the cause, which only the log has.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }

    /// Returns the text for the reader.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
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

#[diagnostic::do_not_recommend]
impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        Self::internal(error.to_string())
    }
}
