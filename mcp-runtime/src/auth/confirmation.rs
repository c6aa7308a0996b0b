//! The confirmation of an access token that is bound to a key (RFC 7800).

use std::fmt;

use serde_json::{Map, Value};

use super::thumbprint::Thumbprint;

/// The confirmation of an access token that is bound to a key (`cnf`, RFC 7800 §3.1).
///
/// A request with such a token needs a proof that its client has the private key (DPoP, RFC 9449). A verifier of your own
/// passes the confirmation on, so that the server demands the proof:
///
/// ```
/// use mcp::{AccessToken, Confirmation, TokenError, TokenVerifier};
///
/// struct MyVerifier;
///
/// impl TokenVerifier for MyVerifier {
///     async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
///         # fn look_up(_: &str) -> Option<String> { None }
///         let token = AccessToken::issued_for("https://notes.example.com/mcp", "alice");
///         // The thumbprint of the key that the authorization server bound the token to.
///         match look_up("alice") {
///             Some(jkt) => match Confirmation::jkt(&jkt) {
///                 Ok(confirmation) => Ok(token.with_confirmation(confirmation)),
///                 Err(error) => Err(TokenError::invalid(error.to_string())),
///             },
///             None => Ok(token),
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    jkt: Thumbprint,
}

impl Confirmation {
    /// Creates the confirmation of a token that is bound by the thumbprint of a key (`jkt`, RFC 9449 §6.1).
    ///
    /// # Errors
    /// [`ConfirmationError`] if the text is not a SHA-256 thumbprint in base64url.
    pub fn jkt(thumbprint: &str) -> Result<Self, ConfirmationError> {
        let jkt = Thumbprint::parse(thumbprint).ok_or(ConfirmationError::Jkt)?;
        Ok(Self { jkt })
    }

    /// Reads the claim `cnf`.
    ///
    /// A method that is not supported is refused, because the token could be used without its proof.
    #[cfg(feature = "fetch")]
    pub(super) fn of_claim(cnf: &Map<String, Value>) -> Result<Self, ConfirmationError> {
        match (cnf.get("jkt"), cnf.len()) {
            (Some(Value::String(jkt)), 1) => Self::jkt(jkt),
            _ => Err(ConfirmationError::Method),
        }
    }

    /// Returns the thumbprint of the key.
    #[cfg(feature = "http")]
    pub(super) fn thumbprint(&self) -> &Thumbprint {
        &self.jkt
    }
}

/// The error of a confirmation that is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfirmationError {
    /// The `jkt` is not a SHA-256 thumbprint in base64url.
    Jkt,
    /// The `cnf` has no `jkt`, or something beside it.
    Method,
}

impl fmt::Display for ConfirmationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jkt => "its `jkt` is not a SHA-256 thumbprint in base64url (RFC 7638)",
            Self::Method => "its `cnf` is not the thumbprint of one key (`jkt`, RFC 9449 §6.1)",
        })
    }
}

impl std::error::Error for ConfirmationError {}
