//! Errors that decide about a request.

use std::borrow::Cow;
use std::time::Duration;

use mcp_core::{Dpop, OperationScopes, Refusal};
use serde::Serialize;

use super::codes::INVALID_PARAMS;
use super::{Error, Kind};

/// A refusal for which HTTP has a status of its own, whatever the protocol version.
pub(crate) enum HttpRefusal<'a> {
    /// The caller needs these scopes.
    Scopes(&'a [String]),
    /// The user has to sign in again, with these scopes and claims.
    SignIn { scopes: &'a [String], claims: Option<&'a str> },
    /// The request can't be served at the moment.
    Unavailable,
    /// The caller has to wait.
    RateLimited { seconds: u64 },
}

/// Errors that decide about a request.
impl Error {
    /// Makes the error of a denial that the client may know about.
    pub(in crate::protocol) fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Denied, message)
    }

    /// Makes the error of a denial that the client must not know about.
    pub(in crate::protocol) fn hidden() -> Self {
        Self::of(Kind::Hidden(INVALID_PARAMS), "Not found")
    }

    /// Makes the error of a part of the request that is absent.
    pub(in crate::protocol) fn absent(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Absent, message)
    }

    /// Converts an error to that of a decision that failed, unless it is a verdict itself.
    ///
    /// A row that is missing becomes one that is hidden, because the two must not differ.
    pub(in crate::protocol) fn undecided(self) -> Self {
        let source = match self.kind {
            Kind::Denied
            | Kind::Absent
            | Kind::Hidden(_)
            | Kind::Scopes(_)
            | Kind::SignIn { .. }
            | Kind::RateLimited(_)
            | Kind::Overloaded
            | Kind::Undecided => return self,
            Kind::NotFound => return Self { source: self.source, ..Self::hidden() },
            Kind::Masked => self.source,
            Kind::Protocol(_) | Kind::Tool | Kind::Panic | Kind::Timeout | Kind::Unaskable(_) => {
                Some(Box::new(self.into_std()) as Box<dyn std::error::Error + Send + Sync>)
            }
        };
        Self { source, ..Self::of(Kind::Undecided, "This can't be decided at the moment") }
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

    /// Returns `true` for a verdict that the caller may not see or do something.
    ///
    /// Other errors say nothing about that, such as that of a panic.
    pub(crate) fn is_denial(&self) -> bool {
        matches!(self.kind, Kind::Denied | Kind::Absent | Kind::Hidden(_) | Kind::Scopes(_) | Kind::SignIn { .. })
    }

    /// Returns `true` if a part of the request is absent.
    pub(in crate::protocol) fn is_absent(&self) -> bool {
        self.kind == Kind::Absent
    }

    /// Returns the text for the reader.
    pub(in crate::protocol) fn into_message(self) -> Cow<'static, str> {
        self.message
    }

    /// Returns the scopes that the caller needs, if they are the reason.
    pub(crate) fn missing_scopes(&self) -> Option<&[String]> {
        if let Kind::Scopes(scopes) = &self.kind { Some(scopes) } else { None }
    }

    /// Completes the error of missing scopes with the names that clients request.
    pub(crate) fn insufficient_scope(required: &[&str], names: &OperationScopes) -> Self {
        let required = required.iter().map(|&scope| scope.to_owned()).collect();
        Self::step_up(Kind::Scopes(required), Refusal::InsufficientScope, names)
    }

    /// Makes the error of a user who has to sign in again, for an authorization request with these claims.
    pub(crate) fn sign_in_required(claims: Option<String>) -> Self {
        Self::of(Kind::SignIn { scopes: [].into(), claims: claims.map(Into::into) }, "The user has to sign in again")
    }

    /// Returns `true` if the user has to sign in again.
    pub(crate) fn is_sign_in(&self) -> bool {
        matches!(self.kind, Kind::SignIn { .. })
    }

    /// Completes the error of a user who has to sign in again with the scopes of the operation.
    pub(crate) fn with_scopes(self, required: &[&str], names: &OperationScopes) -> Self {
        let Kind::SignIn { claims, .. } = self.kind else { return self };
        let scopes = required.iter().map(|&scope| scope.to_owned()).collect();
        Self::step_up(Kind::SignIn { scopes, claims }, Refusal::SignInRequired, names)
    }

    /// Makes an error after which the client begins another authorization, with the names that it requests.
    fn step_up(kind: Kind, refusal: Refusal, names: &OperationScopes) -> Self {
        #[derive(Serialize)]
        struct Scopes<'a> {
            error: &'a str,
            scope: String,
        }
        let data = Scopes { error: refusal.error(), scope: names.all().join(" ") };
        Self::of(kind, refusal.description(names, Dpop::Refused)).data(&data)
    }

    /// Makes the error of a service that this server needs, and that is not available.
    pub(crate) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Undecided, message)
    }

    /// Returns `true` if the caller has to wait.
    pub(crate) fn is_rate_limited(&self) -> bool {
        matches!(self.kind, Kind::RateLimited(_))
    }

    /// Returns the refusal, if HTTP has a status for it.
    pub(crate) fn http_refusal(&self) -> Option<HttpRefusal<'_>> {
        match &self.kind {
            Kind::Scopes(scopes) => Some(HttpRefusal::Scopes(scopes)),
            Kind::SignIn { scopes, claims } => Some(HttpRefusal::SignIn { scopes, claims: claims.as_deref() }),
            Kind::Undecided | Kind::Overloaded => Some(HttpRefusal::Unavailable),
            Kind::RateLimited(seconds) => Some(HttpRefusal::RateLimited { seconds: *seconds }),
            _ => None,
        }
    }
}
