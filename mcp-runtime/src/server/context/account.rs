//! The account of a caller, whose shares of the limits count.

use super::HttpParts;
use crate::auth::AccessToken;
use crate::budget::AccountKey;
use crate::server::shared::Shared;

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
