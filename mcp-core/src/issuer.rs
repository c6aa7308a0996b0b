use std::fmt;

use crate::url::{Url, UrlError};

/// The identifier of an authorization server (RFC 8414 §2): an `https` URL without query or fragment.
///
/// It is kept exactly as written, because clients compare it character for character with what the server's own
/// metadata says. A trailing slash is therefore significant and kept: some identity providers have one.
/// `http` is accepted for loopback hosts, for development.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// Checks and keeps an issuer.
    ///
    /// # Errors
    /// [`UrlError`] when a client would refuse or rewrite it.
    pub fn parse(text: impl Into<String>) -> Result<Self, UrlError> {
        let text = text.into();
        Url::parse(&text)?.require_secure()?;
        Ok(Self(text))
    }

    /// The issuer as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_text_verbatim() {
        for text in [
            "https://auth.example.com",
            "https://tenant.auth0.com/",
            "https://login.example.com:443/realms/one/",
            "http://localhost:9000",
            "http://127.0.0.1:9000/as",
        ] {
            assert_eq!(Issuer::parse(text).map(|issuer| issuer.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn http_is_for_loopback_only() {
        assert_eq!(
            Issuer::parse("http://auth.example.com/as"),
            Err(UrlError::Insecure("https://auth.example.com/as".to_owned()))
        );
    }
}
