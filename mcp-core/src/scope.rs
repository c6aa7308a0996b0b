use std::fmt;

/// One OAuth scope (RFC 6749 §3.3): visible ASCII without space, quote and backslash.
///
/// The alphabet is why a scope can stand in a quoted header parameter without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(String);

impl Scope {
    /// Checks and keeps a scope.
    ///
    /// # Errors
    /// [`ScopeError`] when it is not one scope, or one that a resource server must not ask for.
    pub fn parse(text: impl Into<String>) -> Result<Self, ScopeError> {
        let text = text.into();
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        if text.contains(char::is_whitespace) {
            return Err(ScopeError::Space(text));
        }
        if let Some(c) = text.chars().find(|c| !matches!(c, '!' | '#'..='[' | ']'..='~')) {
            return Err(ScopeError::Forbidden(c));
        }
        if text == "offline_access" {
            return Err(ScopeError::OfflineAccess);
        }
        Ok(Self(text))
    }

    /// The scope as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a scope that a resource server can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The text is empty.
    Empty,
    /// There is white space inside: probably several scopes in one string.
    Space(String),
    /// A character outside of the alphabet of RFC 6749 §3.3.
    Forbidden(char),
    /// `offline_access` asks for a refresh token, which is between a client and its authorization server.
    OfflineAccess,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a scope cannot be empty; name it, or remove it"),
            Self::Space(text) => {
                let list: Vec<_> = text.split_whitespace().map(|scope| format!("{scope:?}")).collect();
                write!(f, "a scope has no spaces; write each on its own: `[{}]`", list.join(", "))
            }
            Self::Forbidden(c) => write!(
                f,
                "a scope cannot contain {c:?}; allowed are the visible ASCII characters except `\"` and `\\`"
            ),
            Self::OfflineAccess => f.write_str(
                "`offline_access` asks the authorization server for a refresh token; a resource never requires it, so remove it",
            ),
        }
    }
}

impl std::error::Error for ScopeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_alphabet_of_rfc_6749() {
        for text in ["notes:read", "https://example.com/scope", "a", "!#[]~", "api://x/.default"] {
            assert_eq!(Scope::parse(text).as_ref().map(Scope::as_str), Ok(text));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            ("", ScopeError::Empty),
            ("a b", ScopeError::Space("a b".to_owned())),
            ("a\"b", ScopeError::Forbidden('"')),
            ("a\\b", ScopeError::Forbidden('\\')),
            ("a\u{7f}", ScopeError::Forbidden('\u{7f}')),
            ("\u{e9}", ScopeError::Forbidden('\u{e9}')),
            ("offline_access", ScopeError::OfflineAccess),
        ];
        for (text, expected) in cases {
            assert_eq!(Scope::parse(text), Err(expected), "{text}");
        }
    }
}
