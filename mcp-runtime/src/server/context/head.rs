//! The head of an HTTP request, and the account of its caller.

use crate::auth::AccessToken;
use crate::budget::AccountKey;
use crate::server::shared::Shared;

/// The head of an HTTP request.
#[cfg(feature = "http")]
pub(crate) type HttpParts = http::request::Parts;

/// The head of an HTTP request, of which there is none.
#[cfg(not(feature = "http"))]
pub(crate) type HttpParts = std::convert::Infallible;

/// Returns the account of a caller: that of the token, or the one that the transport added to the request.
pub(crate) fn account_of(
    shared: &Shared,
    token: Option<&AccessToken>,
    parts: Option<&HttpParts>,
) -> Option<AccountKey> {
    shared.account(token).or_else(|| account_in(parts?))
}

/// Returns the account that the transport added to the request.
#[cfg(feature = "http")]
pub(crate) fn account_in(parts: &HttpParts) -> Option<AccountKey> {
    parts.extensions.get().copied()
}

#[cfg(not(feature = "http"))]
fn account_in(parts: &HttpParts) -> Option<AccountKey> {
    match *parts {}
}
