//! Media types of resources and icons.

use std::fmt;

use crate::header::is_token_char;

/// A media type of RFC 9110 §8.3.1: `type/subtype` with optional parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(String);

impl MediaType {
    /// Parses a media type.
    ///
    /// # Errors
    /// [`MediaTypeError`] if the text has another form.
    pub fn parse(text: impl Into<String>) -> Result<Self, MediaTypeError> {
        let text = text.into();
        let (essence, parameters) =
            text.split_once(';').map_or((&*text, None), |(essence, rest)| (essence, Some(rest)));
        let is_token = |text: &str| !text.is_empty() && text.chars().all(is_token_char);
        let named = essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
        let described = parameters.is_none_or(|parameters| {
            parameters.split(';').all(|parameter| {
                let pair = parameter.trim_matches(' ').split_once('=');
                pair.is_some_and(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value)))
            })
        });
        if named && described { Ok(Self(text)) } else { Err(MediaTypeError) }
    }

    /// Returns the media type as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns `true` for a quoted string without escapes.
fn is_quoted(text: &str) -> bool {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inside.is_some_and(|text| text.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'))
}

/// The error type of [`MediaType::parse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaTypeError;

impl fmt::Display for MediaTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a media type; write one like `text/plain` or `text/html; charset=utf-8`")
    }
}

impl std::error::Error for MediaTypeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_two_tokens_and_parameters() {
        let types = [
            "text/plain",
            "inode/directory",
            "application/vnd.example+json",
            "text/html;profile=mcp-app",
            "text/html; charset=\"utf-8\"; q=1",
        ];
        for text in types {
            assert_eq!(MediaType::parse(text).as_ref().map(MediaType::as_str), Ok(text));
        }
        let others = [
            "",
            "text",
            "text/",
            "/plain",
            "text/pl ain",
            "text/plain;",
            "text/plain; charset",
            "text/plain; a=\"\"\"",
            "a/b/c",
        ];
        for text in others {
            assert_eq!(MediaType::parse(text), Err(MediaTypeError), "{text}");
        }
    }
}
