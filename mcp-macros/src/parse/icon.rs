//! The key `icons`.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, braced, token};

use super::entries::{equals, list, next_span, other_value, parse_entries, string, strings};
use super::keys::Place;
use super::value_form::ValueForm;
use crate::errors::Errors;

/// An entry of `icons`.
pub(crate) struct Icon {
    pub(crate) src: LitStr,
    pub(crate) mime_type: Option<LitStr>,
    pub(crate) sizes: Vec<LitStr>,
    pub(crate) theme: Option<LitStr>,
}

/// Parses `= ["https://…", { src = "https://…", sizes = ["48x48"] }]`.
pub(super) fn icons(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Icon>> {
    equals(key, input, ValueForm::Like("[\"https://…\"]"))?;
    if !input.peek(token::Bracket) {
        return Err(other_value(key, input, &format!("a list; write `{key} = [\"https://…\"]`")));
    }
    let icons = list(input, |item| {
        if item.peek(token::Brace) {
            return icon(item);
        }
        if item.peek(LitStr) {
            return Ok(Icon { src: item.parse()?, mime_type: None, sizes: Vec::new(), theme: None });
        }
        Err(syn::Error::new(
            next_span(item),
            format_args!(
                "`{key}` lists addresses; write `\"https://…\"`, or `{{ src = \"https://…\", sizes = [\"48x48\"] }}`"
            ),
        ))
    })?;
    if icons.is_empty() {
        return Err(syn::Error::new(key.span(), format_args!("`{key}` is empty; name an icon, or remove the key")));
    }
    Ok(icons)
}

fn icon(input: ParseStream<'_>) -> syn::Result<Icon> {
    let content;
    let brace = braced!(content in input);
    let tokens: TokenStream = content.parse()?;
    let mut errors = Errors::default();
    let (mut src, mut mime_type, mut sizes, mut theme) = (None, None, Vec::new(), None);
    let entries = parse_entries(Place::Icon, tokens, &mut errors, |key, name, input| {
        match name {
            "src" => src = Some(string(key, input, "")?),
            "mime_type" => mime_type = Some(string(key, input, "")?),
            "sizes" => sizes = strings(key, input)?,
            _ => theme = Some(string(key, input, "")?),
        }
        Ok(())
    });
    if entries.complete && src.is_none() {
        errors.push(syn::Error::new(brace.span.join(), "an icon needs an address; write `{ src = \"https://…\" }`"));
    }
    match (src, errors.into_error()) {
        (Some(src), None) => Ok(Icon { src, mime_type, sizes, theme }),
        (_, error) => Err(error.unwrap_or_else(|| syn::Error::new(brace.span.join(), "expected an icon"))),
    }
}
