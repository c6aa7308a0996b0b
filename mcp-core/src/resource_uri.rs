//! URIs of the resources that a server offers.

use std::borrow::Cow;
use std::fmt;

use crate::decoded_uri::DecodedUri;
use crate::url::{UrlError, check_characters};

/// The URI of a resource without variables (RFC 3986 §3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceUri(String);

impl ResourceUri {
    /// Parses a URI.
    ///
    /// # Errors
    /// [`ResourceUriError`] if the text is not absolute, or has an invalid character or a segment `.` or `..`,
    /// escaped or not.
    pub fn parse(text: impl Into<String>) -> Result<Self, ResourceUriError> {
        let text = text.into();
        check(&text)?;
        if scheme_length(&text)? == text.len() {
            return Err(ResourceUriError::NothingBehindScheme);
        }
        // A request for the URI is compared in this form, in which an escaped dot is a dot.
        check_segments(&with_normal_escapes(&text))?;
        Ok(Self(text))
    }

    /// Returns `true` if both URIs have the same normal form.
    #[must_use]
    pub fn is_equivalent_to(&self, other: &Self) -> bool {
        with_normal_escapes(&self.0) == with_normal_escapes(&other.0)
    }

    /// Returns the URI as written.
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

/// Checks that a URI may have each character.
pub(crate) fn check(text: &str) -> Result<(), ResourceUriError> {
    check_characters(text).map_err(ResourceUriError::Character)
}

/// Returns the length of the scheme with its colon.
pub(crate) fn scheme_length(text: &str) -> Result<usize, ResourceUriError> {
    let (scheme, _) = text.split_once(':').ok_or(ResourceUriError::MissingScheme)?;
    if !is_scheme(scheme) {
        return Err(ResourceUriError::MissingScheme);
    }
    if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ResourceUriError::UpperCaseScheme(scheme.to_ascii_lowercase()));
    }
    Ok(scheme.len() + 1)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The error type of [`ResourceUri::parse`] and [`NormalUri::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceUriError {
    /// The text does not start with a scheme.
    MissingScheme,
    /// The scheme has upper-case letters; carries the lower-case spelling.
    UpperCaseScheme(String),
    /// The text is a scheme alone.
    NothingBehindScheme,
    /// The text has a character that URIs cannot have.
    Character(UrlError),
    /// The text has a segment `.` or `..`. Only some clients resolve it.
    DotSegment(&'static str),
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
            Self::DotSegment(segment) => {
                write!(f, "clients would rewrite the segment `{segment}`, escaped or not; write the URI without it")
            }
        }
    }
}

impl std::error::Error for ResourceUriError {}

/// The normal form of a client's URI (RFC 3986 §6.2.2), the key of lookups.
///
/// - The scheme is in lower case. The rest keeps its case, including the host, which may be a value.
/// - Unreserved characters are not escaped: `%70` becomes `p`.
/// - Characters that URIs cannot have are escaped: a space becomes `%20`, and `ü` becomes `%C3%BC`.
/// - Other escapes stay, in upper case: `%2f` becomes `%2F` and not `/`, and `%2570` does not become `%70`.
///
/// Everything else stays: `+`, empty segments, a trailing `/`, user names, ports, the order of parameters, and the
/// normalization form of Unicode. Normalising a normal form changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalUri<'a>(Cow<'a, str>);

impl<'a> NormalUri<'a> {
    /// Normalises a URI.
    ///
    /// # Errors
    /// [`ResourceUriError`] for a `%` without two hexadecimal digits, and for a segment `.` or `..`, escaped or not.
    /// Both are ambiguous.
    pub fn parse(uri: &'a str) -> Result<Self, ResourceUriError> {
        if !has_valid_escapes(uri) {
            return Err(ResourceUriError::Character(UrlError::InvalidPercentEncoding));
        }
        let mut uri = with_normal_escapes(uri);
        if let Some((scheme, _)) = uri.split_once(':')
            && is_scheme(scheme)
            && scheme.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            let end = scheme.len();
            uri.to_mut()[..end].make_ascii_lowercase();
        }
        check_segments(&uri)?;
        Ok(Self(uri))
    }

    /// Returns the normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NormalUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn has_valid_escapes(text: &str) -> bool {
    let octets = text.as_bytes();
    let is_digit = |index: usize| octets.get(index).is_some_and(u8::is_ascii_hexdigit);
    text.match_indices('%').all(|(index, _)| is_digit(index + 1) && is_digit(index + 2))
}

/// Normalises the escapes of a text, all of which are valid.
pub(crate) fn with_normal_escapes(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_uri_byte) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut octets = text.bytes();
    while let Some(byte) = octets.next() {
        let octet = match byte {
            b'%' => {
                let mut digit = || octets.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap_or_default();
                let (high, low) = (digit(), digit());
                let octet = u8::try_from(high * 16 + low).unwrap_or_default();
                if is_unreserved(octet) {
                    out.push(octet.into());
                    continue;
                }
                octet
            }
            byte if is_uri_byte(byte) => {
                out.push(byte.into());
                continue;
            }
            byte => byte,
        };
        out.push('%');
        out.extend([octet >> 4, octet & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
    }
    Cow::Owned(out)
}

/// Refuses segments that clients resolve (RFC 3986 §5.2.4), at any depth of escaping.
///
/// A backslash separates segments, too, as in browsers.
pub(crate) fn check_segments(uri: &str) -> Result<(), ResourceUriError> {
    // Normal escapes leave a dot escaped only behind an escaped `%`.
    if !uri.contains('.') && !uri.contains("%25") {
        return Ok(());
    }
    let behind_scheme = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).map_or(uri, |(_, rest)| rest);
    let decoded: Vec<u8> = DecodedUri::new(behind_scheme).octets().collect();
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'?' | b'#')) {
        match segment {
            b"." => return Err(ResourceUriError::DotSegment(".")),
            b".." => return Err(ResourceUriError::DotSegment("..")),
            _ => {}
        }
    }
    Ok(())
}

/// Returns `true` for the unreserved characters of RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Returns `true` for the reserved characters of RFC 3986 §2.2.
fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&byte)
}

pub(crate) fn is_uri_byte(byte: u8) -> bool {
    is_unreserved(byte) || is_reserved(byte)
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

    fn normalized(uri: &str) -> Result<String, ResourceUriError> {
        NormalUri::parse(uri).map(|uri| uri.to_string())
    }

    #[test]
    fn segments_that_clients_resolve_are_refused() {
        for uri in [
            "a:..",
            "a:.",
            "a://..",
            "a:///./b",
            "a://b/../c",
            "a://b/%2E%2e/c",
            "a://b%2F..%5Cc",
            "a://b%252f%252E%252e",
            "a://b/..?c",
            "a://b/..#c",
            "a://b?c/../d",
        ] {
            assert!(matches!(normalized(uri), Err(ResourceUriError::DotSegment(_))), "{uri}");
        }
        for uri in ["a:...", "a://b.c/.d/e./..f", "a:b?c=..", "..:b"] {
            assert_eq!(normalized(uri).as_deref(), Ok(uri));
        }
        for uri in ["a://b/../c", "a://b/%2E%2E/c", "a://b/.%2e"] {
            assert_eq!(
                ResourceUri::parse(uri).map_err(|error| error.to_string()),
                Err("clients would rewrite the segment `..`, escaped or not; write the URI without it".to_owned())
            );
        }
    }

    #[test]
    fn equivalent_spellings_have_one_normal_form() {
        for (uri, expected) in [
            ("notes://1", "notes://1"),
            ("NOTES://Ann:80@Host", "notes://Ann:80@Host"),
            ("%4Eotes://1", "notes://1"),
            ("notes://%73ecret%2E", "notes://secret."),
            ("notes://a%2Fb%2fc%00", "notes://a%2Fb%2Fc%00"),
            ("notes://%2573", "notes://%2573"),
            ("notes://\u{e9} \"|\\%41", "notes://%C3%A9%20%22%7C%5CA"),
            ("notes://caf%c3%a9", "notes://caf%C3%A9"),
            ("notes://a//b/?y+z&x", "notes://a//b/?y+z&x"),
        ] {
            assert_eq!(normalized(uri).as_deref(), Ok(expected));
        }
        for uri in ["%", "a:%", "a:%4", "a:%zz", "a:%+1", "a:%%370", "a:%\u{e9}"] {
            let error = ResourceUriError::Character(UrlError::InvalidPercentEncoding);
            assert_eq!(normalized(uri), Err(error), "{uri}");
        }
    }

    /// Checks every text of few characters.
    #[test]
    fn normalising_twice_is_normalising_once() {
        let alphabet = ["%", "2", "5", "F", "f", "0", "/", ":", ".", "\u{e9}"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts.iter().flat_map(|text| alphabet.map(|c| format!("{text}{c}"))).collect();
            for text in &texts {
                let Ok(once) = normalized(text) else { continue };
                assert_eq!(normalized(&once).as_deref(), Ok(&*once), "{text}");
                assert_eq!(check(&once), Ok(()), "{text}");
            }
        }
    }
}
