//! Literals in the expansion.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

/// Writes an `Option`.
pub(super) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
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
