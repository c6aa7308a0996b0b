//! The account of a caller, which shares limits.

use std::hash::{Hash, Hasher};

use serde::Serialize;

use super::AccessToken;

/// The account of a caller: an issuer, perhaps a tenant of it, and a subject.
///
/// The client counts only for a token without a subject. Otherwise, a user who registers many clients would have as many
/// accounts.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Account<'a> {
    /// The one caller of a transport without tokens.
    Anyone,
    Subject(Option<&'a str>, Option<&'a str>, &'a str),
    Client(Option<&'a str>, Option<&'a str>, &'a str),
}

impl<'a> Account<'a> {
    pub(crate) fn of(token: Option<&'a AccessToken>) -> Self {
        let Some(token) = token else { return Self::Anyone };
        let (issuer, authority) = (token.issuer.as_deref(), token.authority());
        match token.subject.as_deref() {
            Some(subject) => Self::Subject(issuer, authority, subject),
            None => Self::Client(issuer, authority, &token.client_id),
        }
    }
}

/// Writes one byte about the variant and its options, because each write of a keyed hash costs.
impl Hash for Account<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (variant, texts) = match *self {
            Self::Anyone => (0, [None; 3]),
            Self::Subject(issuer, authority, subject) => (1, [issuer, authority, Some(subject)]),
            Self::Client(issuer, authority, client) => (2, [issuer, authority, Some(client)]),
        };
        state.write_u8(texts.iter().fold(variant, |bits, text| (bits << 1) | u8::from(text.is_some())));
        texts.iter().flatten().for_each(|text| text.hash(state));
    }
}
