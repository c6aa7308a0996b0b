//! Errors, with the codes of JSON-RPC and MCP.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use mcp_core::{OperationScopes, Refusal};
use serde::Serialize;
use serde_json::value::RawValue;

use super::version::ProtocolVersion;
use crate::json::truncate::truncated;
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

/// A refusal for which HTTP has a status of its own, whatever the protocol version.
pub(crate) enum HttpRefusal<'a> {
    /// The caller needs these scopes.
    Scopes(&'a [String]),
    /// The request can't be served at the moment.
    Unavailable,
    /// The caller has to wait.
    RateLimited { seconds: u64 },
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
/// The status of a denial (RFC 9110 §15.5.4), as an error code.
const FORBIDDEN: i32 = 403;
/// The status of a request that failed for a reason in words (RFC 9110 §15.5.21), as an error code.
const UNPROCESSABLE: i32 = 422;
/// The status of a caller that has to wait (RFC 6585 §4), as an error code.
const TOO_MANY_REQUESTS: i32 = 429;
/// The status of a request that can't be decided about (RFC 9110 §15.6.4), as an error code.
const UNAVAILABLE: i32 = 503;
/// The status of a request that took too long (RFC 9110 §15.6.5), as an error code.
const GATEWAY_TIMEOUT: i32 = 504;
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
            Kind::Denied | Kind::Absent | Kind::Scopes(_) => Some(FORBIDDEN),
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

/// Errors that decide about a request.
impl Error {
    /// Makes the error of a denial that the client may know about.
    pub(super) fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Denied, message)
    }

    /// Makes the error of a denial that the client must not know about.
    pub(super) fn hidden() -> Self {
        Self::of(Kind::Hidden(INVALID_PARAMS), "Not found")
    }

    /// Makes the error of a part of the request that is absent.
    pub(super) fn absent(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Absent, message)
    }

    /// Converts an error of another type to that of a decision that failed.
    pub(super) fn undecided(self) -> Self {
        match self.kind {
            Kind::Masked => {
                Self { kind: Kind::Undecided, message: "This can't be decided at the moment".into(), ..self }
            }
            _ => self,
        }
    }

    /// Makes the error of a caller who has to wait. `subject` follows the words "Too many requests".
    pub(crate) fn rate_limited(subject: &str, wait: Duration) -> Self {
        #[derive(Serialize)]
        struct Wait {
            retry_after: u64,
        }
        let seconds = wait.as_secs().saturating_add((wait.subsec_nanos() > 0).into()).max(1);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        Self::of(Kind::RateLimited(seconds), format!("Too many requests{subject}; try again in {seconds} {unit}"))
            .data(&Wait { retry_after: seconds })
    }

    /// Makes the error of a request for which there is no room at the moment.
    pub(crate) fn overloaded(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Overloaded, message)
    }

    /// Returns `true` if a decision failed.
    pub(crate) fn is_undecided(&self) -> bool {
        self.kind == Kind::Undecided
    }

    /// Returns `true` if a part of the request is absent.
    pub(super) fn is_absent(&self) -> bool {
        self.kind == Kind::Absent
    }

    /// Returns the text for the reader.
    pub(super) fn into_message(self) -> Cow<'static, str> {
        self.message
    }

    /// Returns the scopes that the caller needs, if they are the reason.
    pub(crate) fn missing_scopes(&self) -> Option<&[String]> {
        if let Kind::Scopes(scopes) = &self.kind { Some(scopes) } else { None }
    }

    /// Completes the error of missing scopes with the names that clients request.
    pub(crate) fn insufficient_scope(required: &[&str], names: &OperationScopes) -> Self {
        #[derive(Serialize)]
        struct Scopes<'a> {
            error: &'a str,
            scope: String,
        }
        let refusal = Refusal::InsufficientScope;
        let data = Scopes { error: refusal.error(), scope: names.all().join(" ") };
        let required = required.iter().map(|&scope| scope.to_owned()).collect();
        Self::of(Kind::Scopes(required), refusal.description(names)).data(&data)
    }

    /// Returns `true` if the caller has to wait.
    pub(crate) fn is_rate_limited(&self) -> bool {
        matches!(self.kind, Kind::RateLimited(_))
    }

    /// Returns the refusal, if HTTP has a status for it.
    pub(crate) fn http_refusal(&self) -> Option<HttpRefusal<'_>> {
        match &self.kind {
            Kind::Scopes(scopes) => Some(HttpRefusal::Scopes(scopes)),
            Kind::Undecided | Kind::Overloaded => Some(HttpRefusal::Unavailable),
            Kind::RateLimited(seconds) => Some(HttpRefusal::RateLimited { seconds: *seconds }),
            _ => None,
        }
    }
}

/// The ways of an error to its reader.
impl Error {
    /// Makes the error of another type, whose text the client must not read.
    pub(super) fn masked(source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::of(Kind::Masked, "Internal error").with_source(source)
    }

    /// Takes the data out that the result of a tool can have.
    pub(crate) fn take_structured(&mut self) -> Option<Box<RawValue>> {
        match self.kind {
            Kind::Unaskable(_) => None,
            _ => self.data.take(),
        }
    }

    /// Takes the source out.
    pub(super) fn take_source(&mut self) -> Option<Box<dyn std::error::Error + Send + Sync>> {
        self.source.take()
    }

    /// Makes the error of a method that panicked.
    pub(crate) fn panicked(kind: &str) -> Self {
        Self::of(Kind::Panic, format!("The {kind} panicked"))
    }

    /// Makes the error of a method that took longer than `limit`.
    pub(crate) fn timed_out(limit: Duration) -> Self {
        let limit = match limit.subsec_millis() {
            0 => format!("{} s", limit.as_secs()),
            _ => format!("{} ms", limit.as_millis()),
        };
        Self::of(Kind::Timeout, format!("Timed out after {limit}"))
    }

    /// Returns `true` if the error is for the model, in the result of a tool.
    pub(crate) fn is_for_model(&self) -> bool {
        match self.kind {
            Kind::Tool
            | Kind::NotFound
            | Kind::Denied
            | Kind::Absent
            | Kind::RateLimited(_)
            | Kind::Timeout
            | Kind::Masked
            | Kind::Unaskable(_) => true,
            Kind::Protocol(_)
            | Kind::Hidden(_)
            | Kind::Scopes(_)
            | Kind::Undecided
            | Kind::Overloaded
            | Kind::Panic => false,
        }
    }

    /// Returns the kind of the error.
    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Returns `true` if the error must be in the log, because the server is at fault or a cause is known.
    pub(crate) fn is_for_log(&self) -> bool {
        self.source.is_some() || matches!(self.kind, Kind::Protocol(INTERNAL_ERROR))
    }

    /// Returns `true` if the client reads nothing about the cause, so that the error needs an id.
    pub(crate) fn is_masked(&self) -> bool {
        matches!(self.kind, Kind::Masked | Kind::Undecided)
    }

    /// Adds the id by which the log names the error.
    pub(crate) fn with_id(self, id: &str) -> Self {
        Self { message: format!("{} (id {id})", self.message).into(), ..self }
    }

    /// Converts an error for the model to a JSON-RPC error.
    pub(crate) fn outside_of_tools(self) -> Self {
        match self.kind {
            Kind::Tool => Self { kind: Kind::Protocol(UNPROCESSABLE), ..self },
            _ => self,
        }
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

    /// Returns `true` for a denial that must not differ from something that does not exist.
    pub(crate) fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Hidden(_))
    }

    /// Completes the denial of a tool. `is_listed` is set if the caller may know that there is such a tool.
    pub(crate) fn of_tool(self, name: &str, is_listed: bool) -> Self {
        // Like a row that does not exist, which is an error for the model.
        let kind = if is_listed { Kind::Denied } else { Kind::Hidden(INVALID_PARAMS) };
        if is_listed { Self { kind, ..self } } else { Self { kind, ..Self::unknown_tool(name) } }
    }

    /// Completes the denial of a prompt. `is_listed` is set if the caller may know that there is such a prompt.
    pub(crate) fn of_prompt(self, name: &str, is_listed: bool) -> Self {
        if is_listed { self } else { Self { kind: self.kind, ..Self::unknown_prompt(name) } }
    }

    /// Completes the error of a missing resource, in the words of a version.
    pub(crate) fn of_resource(self, uri: &str, version: ProtocolVersion) -> Self {
        #[derive(Serialize)]
        struct Missing<'a> {
            uri: &'a str,
        }
        let is_hidden = self.is_hidden();
        if self.kind != Kind::NotFound && !is_hidden {
            return self;
        }
        let code = if version.is_modern() { INVALID_PARAMS } else { RESOURCE_NOT_FOUND };
        // A hidden resource must not differ from an unknown one.
        let missing = Self::new(code, "Resource not found").data(&Missing { uri: truncated(uri) });
        if is_hidden { Self { kind: Kind::Hidden(code), ..missing } } else { missing }
    }

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
