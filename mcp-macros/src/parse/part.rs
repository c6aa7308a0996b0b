//! The attribute `#[mcp::part]`.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Ident, Path, Type};

use super::entries::{parse_entries, value};
use super::guard::{GuardNames, guards};
use super::keys::Place;
use super::server::krate;
use super::value_form::ValueForm;
use crate::errors::Errors;

/// The entries of `#[mcp::part(…)]`.
#[derive(Default)]
pub(crate) struct PartAttribute {
    pub(crate) of: Option<Type>,
    pub(crate) guards: GuardNames,
    pub(crate) krate: Option<Path>,
    /// All keys, including unknown ones.
    pub(crate) typed: Vec<Ident>,
    /// Set if every entry is valid. Otherwise, an absent key may be misspelled.
    pub(crate) complete: bool,
}

impl PartAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        if let Ok(Type::Path(server)) = syn::parse2(tokens.clone())
            && Place::Part.keys().iter().all(|key| !server.path.is_ident(key))
        {
            let path = server.to_token_stream().to_string().replace(' ', "");
            errors.at(&server, format_args!("the server of a part has a key; write `of = {path}`"));
            this.of = Some(Type::Path(server));
            return this;
        }
        let entries = parse_entries(Place::Part, tokens, errors, |key, name, input| {
            match name {
                "of" => this.of = Some(ty(key, input)?),
                "guard" => this.guards = guards(key, input)?,
                _ => this.krate = Some(krate(key, input)?),
            }
            Ok(())
        });
        Self { typed: entries.typed, complete: entries.complete, ..this }
    }
}

/// Parses `= Notes`.
fn ty(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    value(key, input, ValueForm::Like("Server"), "the type of a server; write `of = Server`")
}
