//! Everything that a verifier finds wrong with a token, at once.

use std::fmt;

use super::AccessToken;

/// Everything that a verifier finds out about a token, for the person who runs the server.
///
/// A verifier stops at the first thing that is wrong; this has all of them, and the presets with which the token would be
/// accepted. It shows what the token says about issuer, audience, client and scopes, and never the token itself.
///
/// Printed, it is a text of several lines for a terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenExplanation {
    pub(super) accepted: Option<AccessToken>,
    pub(super) problems: Vec<TokenProblem>,
    pub(super) remarks: Vec<String>,
    pub(super) presets: Vec<String>,
}

/// One reason why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenProblem {
    /// The part of the token that is wrong.
    pub aspect: TokenAspect,
    /// The fault, and what to write or to set, in one sentence without a capital letter.
    pub text: String,
}

/// A part of a token that a verifier looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAspect {
    /// Its form: three parts, base64url, JSON.
    Form,
    /// Its `alg`.
    Algorithm,
    /// Its signature, or the keys that have to confirm it.
    Signature,
    /// The `typ` of its header.
    Type,
    /// Its kind by its claims: an ID token, a refresh token.
    Kind,
    /// A key that it is bound to (`cnf`).
    Binding,
    /// Its `iss`, and the tenant.
    Issuer,
    /// Its client.
    Client,
    /// Its `aud`.
    Audience,
    /// Its `exp`.
    Expiry,
    /// Its `nbf` and `iat`.
    Start,
    /// Its `sub` and `jti`.
    Subject,
    /// Its scopes.
    Scopes,
}

impl TokenExplanation {
    pub(super) fn refused(aspect: TokenAspect, text: impl Into<String>) -> Self {
        let problems = vec![TokenProblem { aspect, text: text.into() }];
        Self { accepted: None, problems, remarks: Vec::new(), presets: Vec::new() }
    }

    /// Returns what the token allows, if it is accepted.
    #[must_use]
    pub fn accepted(&self) -> Option<&AccessToken> {
        self.accepted.as_ref()
    }

    /// Returns the reasons why it is refused; none if it is accepted.
    #[must_use]
    pub fn problems(&self) -> &[TokenProblem] {
        &self.problems
    }

    /// Returns what is worth knowing and refuses nothing.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        self.remarks.iter().map(String::as_str)
    }

    /// Returns the presets that accept the token as it is, as they are written: `JwtProfile::keycloak()`.
    ///
    /// A preset is for the tokens of its provider. Where several fit, take the one of yours.
    pub fn presets(&self) -> impl Iterator<Item = &str> {
        self.presets.iter().map(String::as_str)
    }
}

impl fmt::Display for TokenAspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "form",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Kind => "kind",
            Self::Binding => "binding",
            Self::Issuer => "issuer",
            Self::Client => "client",
            Self::Audience => "audience",
            Self::Expiry => "expiry",
            Self::Start => "start",
            Self::Subject => "subject",
            Self::Scopes => "scopes",
        })
    }
}

impl fmt::Display for TokenExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.accepted {
            Some(token) if token.scopes.is_empty() => {
                writeln!(f, "The token is accepted: client {:?}, no scopes.", token.client_id)?;
            }
            Some(token) => {
                let scopes = token.scopes.join(" ");
                writeln!(f, "The token is accepted: client {:?}, scopes {scopes:?}.", token.client_id)?;
            }
            None => writeln!(f, "The token is refused:")?,
        }
        for TokenProblem { aspect, text } in &self.problems {
            writeln!(f, "- {aspect}: {text}")?;
        }
        for remark in &self.remarks {
            writeln!(f, "Note: {remark}")?;
        }
        match &*self.presets {
            [] => Ok(()),
            [preset] => writeln!(f, "It would be accepted with `{preset}`."),
            presets => writeln!(f, "It would be accepted with one of `{}`.", presets.join("`, `")),
        }
    }
}
