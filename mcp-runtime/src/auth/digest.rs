//! The digest that stands for a token in logs and caches.

use std::fmt;

use ring::digest::{SHA256, digest};

/// The SHA-256 of a raw token, for logs and caches.
///
/// Its [`Display`](fmt::Display) is the first 16 bytes in lowercase hexadecimal. Equal tokens have equal texts, by which
/// a log can be searched for the requests with one token. The token cannot be computed from it if it has the entropy that
/// every token must have (RFC 6750 §5.2) and every JWT has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The first digest in the order of digests.
    #[cfg(feature = "http")]
    pub(crate) const FIRST: Self = Self([0; 32]);

    pub(crate) fn of(token: &str) -> Self {
        RawToken(token.as_bytes()).digest()
    }

    /// Returns the whole digest.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the digest that was written as these bytes.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A raw token that cannot be printed: its [`Debug`](fmt::Debug) is the digest.
#[derive(Clone, Copy)]
pub(in crate::auth) struct RawToken<'a>(pub(in crate::auth) &'a [u8]);

impl RawToken<'_> {
    /// Computes the digest.
    pub(in crate::auth) fn digest(self) -> TokenDigest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, self.0).as_ref());
        TokenDigest(bytes)
    }
}

impl fmt::Debug for RawToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digest().fmt(f)
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..16].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_sha_256_is_shown() {
        // FIPS 180-2, appendix B.1.
        let digest = TokenDigest::of("abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(format!("{digest:?}"), digest.to_string());
        assert_eq!(digest, TokenDigest::of("abc"));
        assert_ne!(digest, TokenDigest::of("abd"));
    }
}
