//! The treatment of tokens that are bound to a key (DPoP, RFC 9449).

use std::fmt;

/// The treatment of access tokens that are bound to a key (DPoP, RFC 9449).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dpop {
    /// Bound tokens are refused, and bearer tokens accepted.
    #[default]
    Refused,
    /// Bound tokens are accepted with a proof, and bearer tokens without one.
    Accepted,
    /// Bound tokens are accepted with a proof, and bearer tokens refused.
    Required,
}

impl Dpop {
    /// The algorithms of proofs, all asymmetric, in the order in which they are published.
    pub const ALGORITHMS: &[&str] =
        &["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];

    /// Parses a declaration.
    ///
    /// # Errors
    /// [`DpopError`] if the word is neither `accepted` nor `required`.
    pub fn parse(word: &str) -> Result<Self, DpopError> {
        match word {
            "accepted" => Ok(Self::Accepted),
            "required" => Ok(Self::Required),
            _ => Err(DpopError(match crate::closest(word, ["accepted", "required"]) {
                Some(meant) => Some(meant.to_owned()),
                None => match &*word.to_ascii_lowercase() {
                    "optional" | "allowed" | "supported" | "true" | "yes" => Some("accepted".to_owned()),
                    "enforced" | "mandatory" | "always" | "only" => Some("required".to_owned()),
                    _ => None,
                },
            })),
        }
    }

    /// Returns `true` if bound tokens are accepted.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        self != Self::Refused
    }
}

/// The error type of [`Dpop::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DpopError(Option<String>);

impl fmt::Display for DpopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(meant) => write!(f, "write `\"{meant}\"`"),
            None => f.write_str("write `\"accepted\"`, beside bearer tokens, or `\"required\"`, in place of them"),
        }
    }
}

impl std::error::Error for DpopError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_one_of_two_words() {
        assert_eq!(Dpop::parse("accepted"), Ok(Dpop::Accepted));
        assert_eq!(Dpop::parse("required"), Ok(Dpop::Required));
        for (word, advice) in [
            ("requried", "write `\"required\"`"),
            ("optional", "write `\"accepted\"`"),
            ("mandatory", "write `\"required\"`"),
            ("", "write `\"accepted\"`, beside bearer tokens, or `\"required\"`, in place of them"),
        ] {
            assert_eq!(Dpop::parse(word).map_err(|error| error.to_string()), Err(advice.to_owned()), "{word}");
        }
    }
}
