//! The explanation of a verdict, for the operator.

use std::fmt;

use super::AccessToken;

/// The explanation of a verdict about a token, for the operator.
///
/// A verifier stops at the first problem. An explanation has all problems, and the presets with which the token would be
/// accepted. It quotes the issuer, audience, client and scopes of the token, and never the token itself.
///
/// Its [`Display`](fmt::Display) is a text of several lines for a terminal.
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
    /// The problem and its remedy, in one sentence without a capital letter.
    pub text: String,
}

/// A part of a token that a verifier checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAspect {
    /// The form: three parts, base64url, JSON.
    Form,
    /// The `alg` of the header.
    Algorithm,
    /// The signature, or the keys that have to confirm it.
    Signature,
    /// The `typ` of the header.
    Type,
    /// The kind of token by its claims, such as an ID token.
    Kind,
    /// The key that the token is bound to (`cnf`).
    Binding,
    /// The `iss`, and the tenant.
    Issuer,
    /// The client that the token was issued to.
    Client,
    /// The `aud`.
    Audience,
    /// The `exp`.
    Expiry,
    /// The `nbf` and `iat`.
    Start,
    /// The `sub` and `jti`.
    Subject,
    /// The scopes.
    Scopes,
}

impl TokenExplanation {
    pub(super) fn refused(aspect: TokenAspect, text: impl Into<String>) -> Self {
        let problems = vec![TokenProblem { aspect, text: text.into() }];
        Self { accepted: None, problems, remarks: Vec::new(), presets: Vec::new() }
    }

    /// Returns the verified token, or `None` if it is refused.
    #[must_use]
    pub fn accepted(&self) -> Option<&AccessToken> {
        self.accepted.as_ref()
    }

    /// Returns the reasons of a refusal. Empty for an accepted token.
    #[must_use]
    pub fn problems(&self) -> &[TokenProblem] {
        &self.problems
    }

    /// Returns remarks that are no reasons of a refusal.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        self.remarks.iter().map(String::as_str)
    }

    /// Returns the presets that would accept the token, in Rust: `JwtProfile::keycloak()`.
    ///
    /// A preset is for the tokens of its provider. If several fit, take the one of yours.
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
