use std::fmt;

/// The name under which an argument is repeated in a header: what stands behind `Mcp-Param-` (MCP 2026-07-28, "Custom
/// Headers from Tool Parameters").
///
/// Names of headers are the same in upper and lower case, and so are two of these that differ in nothing else.
#[derive(Debug, Clone)]
pub struct ParameterHeader(String);

impl ParameterHeader {
    /// Checks and keeps a name.
    ///
    /// # Errors
    /// [`ParameterHeaderError`] when it is no `token` of RFC 9110 §5.6.2: clients would not list the tool.
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

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character may stand in a `token` of RFC 9110 §5.6.2, as names of headers and authentication schemes are.
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

/// Why a text is not such a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterHeaderError {
    /// The text is empty.
    Empty,
    /// A character that the name of a header cannot have.
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
