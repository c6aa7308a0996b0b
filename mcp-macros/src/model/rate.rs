//! Validation of rates.

use mcp_core::Rate;
use syn::{Ident, LitStr};

use super::protection::ProtectionDeclaration;
use crate::errors::Errors;

/// Returns the rate of a server or an item. Reports one of an open server.
pub(super) fn rate(
    entry: Option<&(Ident, LitStr)>,
    declared: &ProtectionDeclaration,
    errors: &mut Errors,
) -> Option<Rate> {
    let (key, literal) = entry?;
    if matches!(declared, ProtectionDeclaration::Open) {
        errors.at(
            key,
            "a rate is for each caller, and requests to an open server have none; add `issuer = \"https://…\"` and \
             `resource = \"https://…\"` to `#[mcp::server]`, or remove `rate`",
        );
        return None;
    }
    errors.check(literal, "invalid `rate`", Rate::parse(&literal.value()))
}
