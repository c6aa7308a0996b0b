//! The account of a caller, which shares limits.

use super::AccessToken;

/// The account of a caller: an issuer, perhaps a tenant of it, and a subject.
///
/// The client counts only for a token without a subject. Otherwise, a user who registers many clients would have as many
/// accounts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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
