use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Ident, Path, Type};

use super::entries::{equals, other_value, parse_entries};
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
        if let Ok(Type::Path(server)) = syn::parse2(tokens.clone())
            && KEYS.iter().all(|key| !server.path.is_ident(key))
        {
            let path = server.to_token_stream().to_string().replace(' ', "");
            errors.at(&server, format_args!("the server of a part has a key; write `of = {path}`"));
            this.of = Some(Type::Path(server));
            return this;
        }
        this.complete = parse_entries("#[mcp::part]", tokens, KEYS, errors, |key, name, input| {
            match name {
                "of" => this.of = Some(ty(key, input)?),
                _ => this.krate = Some(krate(key, input)?),
            }
            Ok(())
        });
        this
    }
}

/// `= Notes`
fn ty(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    equals(key, input, "Server")?;
    input.parse().map_err(|_| other_value(key, input, "the type of a server; write `of = Server`"))
}
