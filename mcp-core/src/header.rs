//! Names of headers that repeat arguments.

use std::fmt;

/// The part of a header's name after `Mcp-Param-`.
///
/// The header repeats an argument of a tool (MCP 2026-07-28, "Custom Headers from Tool Parameters"). Comparison ignores
/// ASCII case, because names of headers do.
#[derive(Debug, Clone)]
pub struct ParameterHeader(String);

impl ParameterHeader {
    /// Parses a name.
    ///
    /// # Errors
    /// [`ParameterHeaderError`] if the text is not a `token` of RFC 9110 §5.6.2. Clients would not list the tool.
    pub fn parse(text: impl Into<String>) -> Result<Self, ParameterHeaderError> {
        let text = text.into();
        if text.is_empty() {
            return Err(ParameterHeaderError::Empty);
        }
        match text.chars().find(|c| !is_token_char(*c)) {
            Some(c) => Err(ParameterHeaderError::Forbidden(c)),
            None => Ok(Self(text)),
        }
    }

    /// Returns the name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns `true` if a token (RFC 9110 §5.6.2) may contain the character.
///
/// Names of headers and authentication schemes are such tokens.
#[must_use]
pub fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

impl PartialEq for ParameterHeader {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ParameterHeader {}

impl fmt::Display for ParameterHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error type of [`ParameterHeader::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterHeaderError {
    /// The text is empty.
    Empty,
    /// The text has a character that names of headers cannot have.
    Forbidden(char),
}

impl fmt::Display for ParameterHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name is empty; write one like `Region`, for the header `Mcp-Param-Region`"),
            Self::Forbidden(c) => {
                write!(f, "the name of a header cannot contain {c:?}; write one like `Region`, for `Mcp-Param-Region`")
            }
        }
    }
}

impl std::error::Error for ParameterHeaderError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_token() {
        for text in ["Region", "x-y_z.1", "~"] {
            assert_eq!(ParameterHeader::parse(text).map(|header| header.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(ParameterHeader::parse(""), Err(ParameterHeaderError::Empty));
        for (text, c) in [("My Region", ' '), ("a:b", ':'), ("a\r\nb", '\r'), ("é", 'é'), ("a/b", '/')] {
            assert_eq!(ParameterHeader::parse(text), Err(ParameterHeaderError::Forbidden(c)));
        }
        assert_eq!(ParameterHeader::parse("Region"), ParameterHeader::parse("REGION"));
    }
}
