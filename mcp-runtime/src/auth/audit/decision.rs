//! A decision about a request, with its outcome and the reason of a refusal.

use std::fmt;

use crate::auth::{AccessToken, RawToken, TokenDigest};

/// A decision about a request, for the operator.
///
/// Nothing of it is sent to the client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// The outcome, with the reason of a refusal.
    pub outcome: Outcome,
    /// The reason why the verifier refuses or cannot verify the token, or why a proof is refused.
    pub detail: Option<&'a str>,
    /// The user that a verified token names, by the issuer's name.
    pub subject: Option<&'a str>,
    /// The OAuth client of a verified token.
    pub client_id: Option<&'a str>,
    /// The authorization server that a verified token names.
    pub issuer: Option<&'a str>,
    /// The resources that a verified token names as its audience.
    pub audience: &'a [String],
    /// The scopes of a verified token.
    pub scopes_held: &'a [String],
    /// All scopes that the request needs.
    ///
    /// They are those of its message, or, if that was not read, those of every request.
    pub scopes_needed: &'a [&'a str],
    /// The JSON-RPC method of the message, if it was read.
    ///
    /// It is the client's text, known to the server or not, and truncated to 128 characters.
    pub method: Option<&'a str>,
    /// The tool of a `tools/call`, truncated to 128 characters.
    pub tool: Option<&'a str>,
    /// The prompt of a `prompts/get`, truncated to 128 characters.
    pub prompt: Option<&'a str>,
    /// The URI of a `resources/read` or `resources/subscribe`, truncated to 128 characters.
    pub resource: Option<&'a str>,
    /// The token, if the request has one. Hooks get its digest only.
    pub(in crate::auth) token: Option<RawToken<'a>>,
}

/// The outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The request is allowed. It can still fail, for example because it names an unknown tool.
    Allowed,
    /// The request is refused.
    Refused(Reason),
}

/// The reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is no `Authorization` header (401).
    ///
    /// Many clients begin like that, to learn from the 401 where to get a token.
    NoToken,
    /// The `Authorization` header has a scheme other than `Bearer`, and than `DPoP` if that is declared (401).
    OtherScheme,
    /// There is not one well-formed `Authorization` header (400).
    Malformed,
    /// The verifier refuses the token (401).
    Invalid,
    /// The token expired (401).
    Expired,
    /// The token was issued for another resource (401).
    WrongAudience,
    /// The token is from an issuer that the server does not have (401).
    WrongIssuer,
    /// The proof that the client has the key of the token is missing or not valid (401).
    ///
    /// A server that does not declare `dpop` refuses each token that needs one.
    Proof,
    /// The token lacks scopes (403).
    InsufficientScope,
    /// The verifier, or the record of used proofs, cannot decide at the moment (503).
    Unavailable,
    /// The verifier panicked (503).
    VerifierPanicked,
}

impl Outcome {
    /// Returns `allowed` or `refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused(_) => "refused",
        }
    }

    /// Returns the reason of a refusal.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Allowed => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

impl Reason {
    /// Returns a name for logs and metrics, such as `wrong_audience`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::OtherScheme => "other_scheme",
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::WrongAudience => "wrong_audience",
            Self::WrongIssuer => "wrong_issuer",
            Self::Proof => "proof",
            Self::InsufficientScope => "insufficient_scope",
            Self::Unavailable => "unavailable",
            Self::VerifierPanicked => "verifier_panicked",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Decision<'a> {
    /// Returns the digest of the token, if the request has one.
    ///
    /// Each call computes it, so that a hook that does not need it saves the time.
    #[must_use]
    pub fn token_digest(&self) -> Option<TokenDigest> {
        self.token.map(RawToken::digest)
    }

    /// Creates a decision with the fields of the token and the scopes.
    pub(in crate::auth) fn new(outcome: Outcome, token: Option<&'a AccessToken>, scopes_needed: &'a [&'a str]) -> Self {
        Self {
            outcome,
            detail: None,
            subject: token.and_then(|token| token.subject.as_deref()),
            client_id: token.map(|token| &*token.client_id),
            issuer: token.and_then(|token| token.issuer.as_deref()),
            audience: token.map_or(&[], |token| &token.audience),
            scopes_held: token.map_or(&[], |token| &token.scopes),
            scopes_needed,
            method: None,
            tool: None,
            prompt: None,
            resource: None,
            token: None,
        }
    }
}
