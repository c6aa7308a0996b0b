//! Names of tools and prompts.

use std::fmt;

/// The name of a tool or a prompt.
///
/// A name has 1 to 128 of the characters that the MCP specification recommends for tools. Every client accepts such a name,
/// and the `Mcp-Name` header carries it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// The maximum length, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Parses a name.
    ///
    /// # Errors
    /// [`NameError`] if the text is empty, too long, or has a character that clients refuse.
    pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
            return Err(NameError::Forbidden(c));
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(NameError::TooLong(text.len()));
        }
        Ok(Self(text))
    }

    /// Returns the name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error type of [`Name::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// The text is empty.
    Empty,
    /// The text has a character that clients refuse.
    Forbidden(char),
    /// The text is longer than [`Name::MAX_LENGTH`]; carries the length.
    TooLong(usize),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name cannot be empty"),
            Self::Forbidden(c) => {
                write!(f, "a name cannot contain {c:?}; allowed are ASCII letters, digits, `_`, `-` and `.`")
            }
            Self::TooLong(length) => {
                write!(f, "a name has at most {} characters; this one has {length}", Name::MAX_LENGTH)
            }
        }
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_specification_recommends() {
        for text in ["getUser", "DATA_EXPORT_v2", "admin.tools.list", "a-b", &"a".repeat(128)] {
            assert_eq!(Name::parse(text).as_ref().map(Name::as_str), Ok(text));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            (String::new(), NameError::Empty),
            ("a b".to_owned(), NameError::Forbidden(' ')),
            ("notes/add".to_owned(), NameError::Forbidden('/')),
            ("caf\u{e9}".to_owned(), NameError::Forbidden('\u{e9}')),
            ("a".repeat(129), NameError::TooLong(129)),
        ];
        for (text, expected) in cases {
            assert_eq!(Name::parse(text), Err(expected));
        }
    }
}
