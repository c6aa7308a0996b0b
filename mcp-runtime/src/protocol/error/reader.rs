//! The way of an error to its reader.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::codes::{INTERNAL_ERROR, INVALID_PARAMS, RESOURCE_NOT_FOUND, UNPROCESSABLE};
use super::{Error, Kind};
use crate::json::truncate::truncated;
use crate::protocol::version::ProtocolVersion;

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
            | Kind::SignIn { .. }
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

    /// Completes the denial of a tool, like a row that does not exist, which is an error for the model.
    pub(crate) fn of_tool(self) -> Self {
        if self.is_hidden() { Self { kind: Kind::Denied, ..self } } else { self }
    }

    /// Marks the error of an unknown item as a denial, which only the record shows.
    pub(crate) fn hide(self) -> Self {
        let code = self.code().unwrap_or(INVALID_PARAMS);
        Self { kind: Kind::Hidden(code), ..self }
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
}
