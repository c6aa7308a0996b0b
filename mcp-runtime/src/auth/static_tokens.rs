//! A verifier with a fixed table of tokens.

use std::collections::HashMap;
use std::fmt;

use super::{AccessToken, TokenError, TokenVerifier};

/// A verifier with a fixed table of tokens, for tests and examples.
///
/// ```
/// use mcp::{AccessToken, StaticTokens};
///
/// let tokens = StaticTokens::new([
///     ("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"])),
///     ("bob-token", AccessToken::ours("bob").with_scopes(["notes:read", "notes:write"])),
/// ]);
/// assert_eq!(format!("{tokens:?}"), "StaticTokens(2 tokens)");
/// ```
pub struct StaticTokens(HashMap<String, AccessToken>);

impl StaticTokens {
    /// Creates a table from pairs of a raw token and its [`AccessToken`].
    pub fn new<T: Into<String>>(tokens: impl IntoIterator<Item = (T, AccessToken)>) -> Self {
        Self(tokens.into_iter().map(|(raw, token)| (raw.into(), token)).collect())
    }
}

#[diagnostic::do_not_recommend]
impl TokenVerifier for StaticTokens {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        self.0.get(token).cloned().ok_or_else(|| TokenError::invalid("not in the table"))
    }
}

impl fmt::Debug for StaticTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaticTokens({} tokens)", self.0.len())
    }
}
