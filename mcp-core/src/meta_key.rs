//! Keys of `_meta`.

use std::fmt;

/// A key of `_meta` that a server may set (MCP, "General fields": `_meta`).
///
/// A key is a name, optionally after a prefix in reverse DNS notation and a slash: `com.example/color`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetaKey(String);

impl MetaKey {
    /// Parses a key.
    ///
    /// # Errors
    /// [`MetaKeyError`] if the specification forbids or reserves the key.
    pub fn parse(text: impl Into<String>) -> Result<Self, MetaKeyError> {
        let text = text.into();
        let (prefix, name) = match text.split_once('/') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, &*text),
        };
        if let Some(prefix) = prefix {
            if let Some(label) = prefix.split('.').find(|label| !is_label(label)) {
                return Err(MetaKeyError::Label(label.to_owned()));
            }
            if matches!(prefix.split('.').nth(1), Some("modelcontextprotocol" | "mcp")) {
                return Err(MetaKeyError::Reserved(text));
            }
        } else if matches!(name, "progressToken" | "traceparent" | "tracestate" | "baggage") {
            return Err(MetaKeyError::Reserved(text));
        }
        // The specification allows an empty name, but only after a prefix.
        if !is_name(name) && (prefix.is_none() || !name.is_empty()) {
            return Err(MetaKeyError::Name(name.to_owned()));
        }
        Ok(Self(text))
    }

    /// Returns the key as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    label.starts_with(|c: char| c.is_ascii_alphabetic())
        && label.ends_with(|c: char| c.is_ascii_alphanumeric())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The error type of [`MetaKey::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetaKeyError {
    /// A label of the prefix is invalid; carries the label.
    Label(String),
    /// The name is invalid; carries the name.
    Name(String),
    /// The specification reserves the key; carries the key.
    Reserved(String),
}

impl fmt::Display for MetaKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(
                f,
                "`{label}` is not a label of a prefix, which has letters, digits and `-`, and starts with a letter; write a \
                 key like `com.example/color`"
            ),
            Self::Name(name) => write!(
                f,
                "`{name}` is not a name, which has letters, digits, `-`, `_` and `.`, and neither starts nor ends with one of \
                 the last three; write a key like `com.example/color`"
            ),
            Self::Reserved(key) => {
                write!(f, "`{key}` is reserved for MCP; write a key of your own, like `com.example/color`")
            }
        }
    }
}

impl std::error::Error for MetaKeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_specification_allows() {
        for key in
            ["color", "com.example/color", "com.example.mcp/x_1.y-Z", "openai/outputTemplate", "com.example/", "7"]
        {
            assert_eq!(MetaKey::parse(key).as_ref().map(MetaKey::as_str), Ok(key));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let label = |text: &str| MetaKeyError::Label(text.to_owned());
        let name = |text: &str| MetaKeyError::Name(text.to_owned());
        let reserved = |text: &str| MetaKeyError::Reserved(text.to_owned());
        let cases = [
            ("", name("")),
            ("/color", label("")),
            ("com..example/color", label("")),
            ("1com/color", label("1com")),
            ("com.example-/color", label("example-")),
            ("com.exämple/color", label("exämple")),
            ("color!", name("color!")),
            ("_color", name("_color")),
            ("com.example/a/b", name("a/b")),
            ("progressToken", reserved("progressToken")),
            ("traceparent", reserved("traceparent")),
            ("io.modelcontextprotocol/color", reserved("io.modelcontextprotocol/color")),
            ("dev.mcp/color", reserved("dev.mcp/color")),
            ("com.mcp.tools/color", reserved("com.mcp.tools/color")),
        ];
        for (key, expected) in cases {
            assert_eq!(MetaKey::parse(key), Err(expected), "{key}");
        }
    }
}
