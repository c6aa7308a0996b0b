use std::borrow::Cow;
use std::fmt;

use crate::url::{UrlError, characters};

/// The URI of a resource that has no variables (RFC 3986 §3), as clients list it and read by it.
///
/// It is compared character for character, so nothing is normalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceUri(String);

impl ResourceUri {
    /// Checks and keeps a URI.
    ///
    /// # Errors
    /// [`ResourceUriError`] when it is not absolute, or has a character that a URI cannot have.
    pub fn parse(text: impl Into<String>) -> Result<Self, ResourceUriError> {
        let text = text.into();
        check(&text)?;
        if scheme(&text)? == text.len() {
            return Err(ResourceUriError::NothingBehindScheme);
        }
        Ok(Self(text))
    }

    /// The URI as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The characters that a URI may have.
pub(crate) fn check(text: &str) -> Result<(), ResourceUriError> {
    characters(text).map_err(ResourceUriError::Character)
}

/// The length of the scheme with its colon.
pub(crate) fn scheme(text: &str) -> Result<usize, ResourceUriError> {
    let (scheme, _) = text.split_once(':').ok_or(ResourceUriError::MissingScheme)?;
    let mut characters = scheme.chars();
    let valid = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !valid {
        return Err(ResourceUriError::MissingScheme);
    }
    if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ResourceUriError::UpperCaseScheme(scheme.to_ascii_lowercase()));
    }
    Ok(scheme.len() + 1)
}

/// Why a text is not the URI of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceUriError {
    /// It does not start with a scheme.
    MissingScheme,
    /// The scheme has upper-case letters; carries the lower-case spelling.
    UpperCaseScheme(String),
    /// There is a scheme and nothing else.
    NothingBehindScheme,
    /// A character that a URI cannot have.
    Character(UrlError),
}

impl fmt::Display for ResourceUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingScheme => f.write_str("a URI starts with a scheme; write one like `notes://all`"),
            Self::UpperCaseScheme(scheme) => {
                write!(
                    f,
                    "a scheme is written in lower-case letters, because URIs are compared exactly; write `{scheme}`"
                )
            }
            Self::NothingBehindScheme => {
                f.write_str("there is nothing behind the scheme; write one like `notes://all`")
            }
            Self::Character(UrlError::Forbidden('{' | '}')) => {
                f.write_str("a URI without variables has no braces; percent-encode them as `%7B` and `%7D`")
            }
            Self::Character(UrlError::Forbidden(' ')) => f.write_str("a URI has no spaces; write `%20`"),
            Self::Character(UrlError::NotAscii(c)) => {
                write!(f, "`{c}` is not an ASCII character; percent-encode it: `{}`", percent_encoded(*c))
            }
            Self::Character(UrlError::Forbidden(c)) => {
                write!(f, "a URI cannot contain {c:?}; percent-encode it: `{}`", percent_encoded(*c))
            }
            Self::Character(other) => other.fmt(f),
        }
    }
}

impl std::error::Error for ResourceUriError {}

/// A URI in which no character is percent-encoded that needs not be (RFC 3986 §6.2.2.2), so that two ways to write the same
/// URI are one.
#[must_use]
pub fn normalized(uri: &str) -> Cow<'_, str> {
    if !uri.contains('%') {
        return Cow::Borrowed(uri);
    }
    let mut out = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let octet = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let octet = octet.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match octet.map(char::from) {
            Some(c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => {
                out.push(c);
                rest = &after[2..];
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn percent_encoded(c: char) -> String {
    c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_absolute_uri_is_accepted() {
        let uris =
            ["notes://all", "file:///a/b.txt", "urn:isbn:0451450523", "https://example.com/a?b=c#d", "a+b-c.1:x"];
        for uri in uris {
            assert_eq!(ResourceUri::parse(uri).map(|uri| uri.to_string()).as_deref(), Ok(uri));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            ("", "a URI starts with a scheme; write one like `notes://all`"),
            ("/notes", "a URI starts with a scheme; write one like `notes://all`"),
            ("1a:b", "a URI starts with a scheme; write one like `notes://all`"),
            ("notes_all:b", "a URI starts with a scheme; write one like `notes://all`"),
            (
                "Notes://all",
                "a scheme is written in lower-case letters, because URIs are compared exactly; write `notes`",
            ),
            ("notes:", "there is nothing behind the scheme; write one like `notes://all`"),
            ("notes://a b", "a URI has no spaces; write `%20`"),
            ("notes://ü", "`ü` is not an ASCII character; percent-encode it: `%C3%BC`"),
            ("notes://\"", "a URI cannot contain '\"'; percent-encode it: `%22`"),
            ("notes://a}", "a URI without variables has no braces; percent-encode them as `%7B` and `%7D`"),
            ("notes://100%", "a `%` starts an escape of two hexadecimal digits; write `%25` for the character itself"),
        ];
        for (uri, expected) in cases {
            assert_eq!(ResourceUri::parse(uri).map_err(|error| error.to_string()), Err(expected.to_owned()), "{uri}");
        }
    }

    #[test]
    fn what_needs_no_encoding_is_decoded_and_nothing_else() {
        for (uri, expected) in [
            ("notes://1", "notes://1"),
            ("notes://%73ecret%2E", "notes://secret."),
            ("notes://a%2Fb%2fc%00%zz%4", "notes://a%2Fb%2fc%00%zz%4"),
            ("notes://%2573", "notes://%2573"),
            ("notes://%\u{e9}%41", "notes://%\u{e9}A"),
            ("%", "%"),
        ] {
            assert_eq!(normalized(uri), expected);
        }
    }
}
