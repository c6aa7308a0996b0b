//! Literals in the expansion.

use mcp_core::{Rate, RateUnit};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

/// Writes an `Option`.
pub(super) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Writes a rate.
pub(super) fn rate(rate: Rate) -> TokenStream {
    let requests = Literal::u32_unsuffixed(rate.requests());
    match rate.unit() {
        RateUnit::Second => quote!(__mcp::Rate::per_second(#requests)),
        RateUnit::Minute => quote!(__mcp::Rate::per_minute(#requests)),
        RateUnit::Hour => quote!(__mcp::Rate::per_hour(#requests)),
    }
}

/// Writes a string literal that reads as its text, also when that has quotes.
pub(super) fn text(value: &str) -> TokenStream {
    if !value.contains('"') {
        return value.to_token_stream();
    }
    let mut hashes = "#".to_owned();
    while value.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    match format!("r{hashes}\"{value}\"{hashes}").parse::<Literal>() {
        Ok(literal) => literal.to_token_stream(),
        // A carriage return has no raw form.
        Err(_) => value.to_token_stream(),
    }
}
