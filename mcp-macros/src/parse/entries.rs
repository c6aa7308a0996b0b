//! The one grammar that all attributes share: `key`, or `key = value`, separated by commas.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitStr, Token, bracketed, token};

use crate::errors::Errors;

/// Walks over the entries of an attribute and reports unknown and repeated keys.
///
/// `entry` reads what follows a key, from the `=` on. Its errors are collected, and the walk goes on behind the next
/// comma.
pub(crate) fn parse_entries(
    attribute: &str,
    tokens: TokenStream,
    known: &[&str],
    errors: &mut Errors,
    mut entry: impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) {
    let mut seen: Vec<String> = Vec::new();
    let walk = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_entry(attribute, input, known, &mut seen, &mut entry) {
                errors.push(error);
                skip_to_comma(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = walk.parse2(tokens) {
        errors.push(error);
    }
}

fn parse_entry(
    attribute: &str,
    input: ParseStream<'_>,
    known: &[&str],
    seen: &mut Vec<String>,
    entry: &mut impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let key = input.call(Ident::parse_any)?;
    let name = key.to_string();
    if !known.contains(&name.as_str()) {
        let hint = match mcp_core::closest(&name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the keys are: {}", known.join(", ")),
        };
        return Err(syn::Error::new(key.span(), format_args!("unknown key `{name}` in `{attribute}`; {hint}")));
    }
    if seen.contains(&name) {
        return Err(syn::Error::new(key.span(), format_args!("`{name}` is given twice")));
    }
    entry(&key, &name, input)?;
    seen.push(name);
    if input.is_empty() || input.peek(Token![,]) {
        Ok(())
    } else {
        Err(input.error("expected `,`"))
    }
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// `= value`.
pub(crate) fn value<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `= "text"`, with `why` for whoever writes something else.
pub(crate) fn string(input: ParseStream<'_>, why: &str) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) { input.parse() } else { Err(input.error(format_args!("expected a string literal{why}"))) }
}

/// Nothing, which means yes, or `= true`, or `= false`.
pub(crate) fn flag(input: ParseStream<'_>) -> syn::Result<bool> {
    if input.peek(Token![=]) { value::<LitBool>(input).map(|literal| literal.value) } else { Ok(true) }
}

/// `= ["a", "b"]`; one text without the brackets is told how to write it.
pub(crate) fn strings(key: &str, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    input.parse::<Token![=]>()?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let list: Vec<_> = text.value().split_whitespace().map(|text| format!("{text:?}")).collect();
        let message = format!("`{key}` is a list; write `{key} = [{}]`", list.join(", "));
        return Err(syn::Error::new(text.span(), message));
    }
    bracketed_strings(input)
}

/// `["a", "b"]`.
pub(crate) fn bracketed_strings(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(input.error("expected a list of string literals: `[\"…\"]`"));
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}
