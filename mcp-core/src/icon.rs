//! Sources and sizes of icons.

use std::fmt;

use crate::url::{Url, UrlError, documentation_url};

/// The URL of an icon's image: an `https` or a `data:` URL.
///
/// `http` is accepted for loopback hosts, for development. Clients refuse everything else (MCP, "General fields": `icons`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IconSource(String);

impl IconSource {
    /// Parses the address of an icon.
    ///
    /// # Errors
    /// [`IconError`] if clients would not load the image.
    pub fn parse(text: impl Into<String>) -> Result<Self, IconError> {
        let text = text.into();
        if let Some(data) = text.strip_prefix("data:") {
            crate::url::check_characters(data).map_err(IconError::Url)?;
            let (kind, _) = data.split_once(',').ok_or(IconError::Data)?;
            return if kind.starts_with("image/") { Ok(Self(text)) } else { Err(IconError::Data) };
        }
        match text.split_once(':') {
            Some(("https" | "http", _)) => {
                documentation_url(&text).map_err(IconError::Url)?;
                let end = text.find(['?', '#']).unwrap_or(text.len());
                Url::parse(&text[..end]).and_then(|url| url.require_secure()).map_err(IconError::Url)?;
                Ok(Self(text))
            }
            Some((scheme, _)) if !scheme.contains(['/', '.']) => Err(IconError::Scheme(scheme.to_owned())),
            _ => Err(IconError::Url(if text.is_empty() { UrlError::Empty } else { UrlError::MissingScheme(None) })),
        }
    }

    /// Returns the address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The size of an icon: `48x48` in pixels, or `any`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IconSize(String);

impl IconSize {
    /// Parses a size.
    ///
    /// # Errors
    /// [`IconError::Size`] if the text has another form.
    pub fn parse(text: impl Into<String>) -> Result<Self, IconError> {
        let text = text.into();
        let is_number = |text: &str| {
            (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
        };
        let is_pair = text.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height));
        if is_pair || text == "any" { Ok(Self(text)) } else { Err(IconError::Size(text)) }
    }

    /// Returns the size as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The error type of [`IconSource::parse`] and [`IconSize::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IconError {
    /// Clients refuse the scheme; carries the scheme.
    Scheme(String),
    /// The `data:` URL has no image inside.
    Data,
    /// The text is not a URL.
    Url(UrlError),
    /// The size is neither `any` nor two numbers; carries the text.
    Size(String),
}

impl fmt::Display for IconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme(scheme) => {
                write!(
                    f,
                    "clients refuse an icon whose scheme is `{scheme}`; write an `https://…` or a `data:image/…` one"
                )
            }
            Self::Data => f.write_str("it has no picture inside; write one like `data:image/png;base64,…`"),
            Self::Url(UrlError::Query | UrlError::Fragment) => f.write_str("it is no URL; write one like `https://…`"),
            Self::Url(error) => error.fmt(f),
            Self::Size(size) => write!(f, "`{size}` is not a size; write one like `48x48`, or `any`"),
        }
    }
}

impl std::error::Error for IconError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_load() {
        let sources = [
            "https://example.com/icon.png",
            "https://example.com/icon?size=48#dark",
            "http://127.0.0.1:8000/icon.png",
            "data:image/png;base64,iVBORw0KGgo=",
            "data:image/svg+xml,%3Csvg/%3E",
        ];
        for source in sources {
            assert_eq!(IconSource::parse(source).as_ref().map(IconSource::as_str), Ok(source));
        }
        for size in ["48x48", "1x16384", "any"] {
            assert_eq!(IconSize::parse(size).as_ref().map(IconSize::as_str), Ok(size));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            ("", IconError::Url(UrlError::Empty)),
            ("/icon.png", IconError::Url(UrlError::MissingScheme(None))),
            ("icon.png", IconError::Url(UrlError::MissingScheme(None))),
            ("file:///icon.png", IconError::Scheme("file".to_owned())),
            ("javascript:alert(1)", IconError::Scheme("javascript".to_owned())),
            ("http://example.com/i.png", IconError::Url(UrlError::Insecure("https://example.com/i.png".to_owned()))),
            ("http://example.com/i?a", IconError::Url(UrlError::Insecure("https://example.com/i".to_owned()))),
            ("https://example.com/a b", IconError::Url(UrlError::Forbidden(' '))),
            ("data:image/png", IconError::Data),
            ("data:text/html,<b>", IconError::Url(UrlError::Forbidden('<'))),
            ("data:text/html,b", IconError::Data),
        ];
        for (source, expected) in cases {
            assert_eq!(IconSource::parse(source), Err(expected), "{source}");
        }
        for size in ["", "48", "48x", "x48", "48X48", "0x48", "48x48x48", "100000x1", "Any", "4 8x48"] {
            assert_eq!(IconSize::parse(size), Err(IconError::Size(size.to_owned())));
        }
    }
}
