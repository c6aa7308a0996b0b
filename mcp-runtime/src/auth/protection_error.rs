//! The error of a protection that cannot be used.

use std::fmt;

#[cfg(feature = "http")]
use super::ForeignVerifier;
use mcp_core::{Cycle, Issuer, IssuerConflict, Scope, ScopeError, ScopePrefixError, UrlError};

/// The error of an issuer, a resource, scopes or a verifier that cannot be used.
///
/// The message has the remedy.
#[derive(Clone, PartialEq, Eq)]
pub struct ProtectionError(pub(super) Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    Issuer(UrlError),
    DuplicateIssuer(Issuer),
    NoIssuer,
    Resource(UrlError),
    IssuerConflict(IssuerConflict),
    ScopePrefix(ScopePrefixError),
    ExtraScope(ScopeError),
    Scope(ScopeError),
    DuplicateScope(Scope),
    /// A scope that is in the lists of an undeclared resource twice.
    RepeatedScope(Scope),
    /// A scope that the resource does not have.
    UnknownScope {
        scope: Scope,
        meant: Option<String>,
    },
    Cycle(Cycle),
    RepeatedTool(String),
    #[cfg(feature = "http")]
    Verifier(ForeignVerifier),
}

impl fmt::Display for ProtectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Issuer(error) => write!(f, "invalid issuer: {error}"),
            Problem::DuplicateIssuer(issuer) => write!(f, "the issuer `{issuer}` is given twice"),
            Problem::NoIssuer => f.write_str("a protected server needs at least one issuer"),
            Problem::Resource(error) => write!(f, "invalid resource: {error}"),
            Problem::IssuerConflict(error) => error.fmt(f),
            Problem::ScopePrefix(error) => write!(f, "invalid scope prefix: {error}"),
            Problem::ExtraScope(error) => write!(f, "invalid extra scope: {error}"),
            Problem::Scope(error) => write!(f, "invalid scope: {error}"),
            Problem::DuplicateScope(scope) => {
                write!(f, "the extra scope `{scope}` is given twice, or every request needs it; remove it")
            }
            Problem::RepeatedScope(scope) => write!(f, "the scope `{scope}` is given twice; remove one"),
            Problem::UnknownScope { scope, meant: Some(meant) } => {
                write!(f, "the scope `{scope}` is not one of the resource; did you mean `{meant}`?")
            }
            Problem::UnknownScope { scope, meant: None } => {
                write!(f, "the scope `{scope}` is not one of the resource; add it to its `optional_scopes`")
            }
            Problem::Cycle(cycle) => write!(f, "invalid hierarchy: {cycle}"),
            Problem::RepeatedTool(name) => write!(f, "the tool `{name}` is given twice; remove one"),
            #[cfg(feature = "http")]
            Problem::Verifier(error) => error.fmt(f),
        }
    }
}

impl ProtectionError {
    /// Creates the error of a tool that has scopes twice.
    #[cfg(feature = "http")]
    pub(crate) fn repeated_tool(name: &str) -> Self {
        Self(Problem::RepeatedTool(name.to_owned()))
    }
}

/// Prints the message, because `main` prints the error that it returns in this form.
impl fmt::Debug for ProtectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ProtectionError {}

#[cfg(feature = "http")]
impl From<ForeignVerifier> for ProtectionError {
    fn from(error: ForeignVerifier) -> Self {
        Self(Problem::Verifier(error))
    }
}

/// Converts the error, so that `main` can return `std::io::Result`, as it does for `serve`.
impl From<ProtectionError> for std::io::Error {
    fn from(error: ProtectionError) -> Self {
        Self::new(std::io::ErrorKind::InvalidInput, error)
    }
}
