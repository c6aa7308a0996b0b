use std::fmt;

/// The name of a tool: 1 to 128 of the characters that the MCP specification recommends, so that it passes
/// through every client, and through the `Mcp-Name` header, as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ToolName(String);

impl ToolName {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Checks and keeps a name.
    ///
    /// # Errors
    /// [`ToolNameError`] when it is empty, too long, or has a character that clients refuse.
    pub fn parse(text: impl Into<String>) -> Result<Self, ToolNameError> {
        let text = text.into();
        if text.is_empty() {
            return Err(ToolNameError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
            return Err(ToolNameError::Forbidden(c));
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(ToolNameError::TooLong(text.len()));
        }
        Ok(Self(text))
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a tool name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolNameError {
    /// The text is empty.
    Empty,
    /// A character that clients refuse.
    Forbidden(char),
    /// Longer than [`ToolName::MAX_LENGTH`]; carries the length.
    TooLong(usize),
}

impl fmt::Display for ToolNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a tool name cannot be empty"),
            Self::Forbidden(c) => {
                write!(f, "a tool name cannot contain {c:?}; allowed are ASCII letters, digits, `_`, `-` and `.`")
            }
            Self::TooLong(length) => {
                write!(f, "a tool name has at most {} characters; this one has {length}", ToolName::MAX_LENGTH)
            }
        }
    }
}

impl std::error::Error for ToolNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_specification_recommends() {
        for text in ["getUser", "DATA_EXPORT_v2", "admin.tools.list", "a-b", &"a".repeat(128)] {
            assert_eq!(ToolName::parse(text).as_ref().map(ToolName::as_str), Ok(text));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            (String::new(), ToolNameError::Empty),
            ("a b".to_owned(), ToolNameError::Forbidden(' ')),
            ("notes/add".to_owned(), ToolNameError::Forbidden('/')),
            ("caf\u{e9}".to_owned(), ToolNameError::Forbidden('\u{e9}')),
            ("a".repeat(129), ToolNameError::TooLong(129)),
        ];
        for (text, expected) in cases {
            assert_eq!(ToolName::parse(text), Err(expected));
        }
    }
}
