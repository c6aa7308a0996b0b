use proc_macro2::TokenStream;
use syn::{Path, Type};

use super::entries::{parse_entries, value};
use super::server::krate;
use crate::errors::Errors;

const KEYS: &[&str] = &["of", "crate"];

/// What stands in `#[mcp::part(…)]`.
#[derive(Default)]
pub(crate) struct PartAttribute {
    pub(crate) of: Option<Type>,
    pub(crate) krate: Option<Path>,
    /// Whether every entry could be read, so that a key that is missing here was left out.
    pub(crate) complete: bool,
}

impl PartAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        this.complete = parse_entries("#[mcp::part]", tokens, KEYS, errors, |key, name, input| {
            match name {
                "of" => this.of = Some(value(key, input, "Server")?),
                _ => this.krate = Some(krate(key, input)?),
            }
            Ok(())
        });
        this
    }
}
