use std::fmt;

use ring::digest::{SHA256, digest};

/// The SHA-256 of a raw token: names it in a log or a cache without being it.
///
/// It prints the first 16 bytes, in hexadecimal: enough to find the same token again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    #[expect(clippy::expect_used, reason = "SHA-256 has 32 bytes")]
    pub(crate) fn of(token: &str) -> Self {
        Self(digest(&SHA256, token.as_bytes()).as_ref().try_into().expect("32 bytes"))
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
