//! The one grammar that all attributes share: `key`, or `key = value`, separated by commas.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Expr, Ident, LitBool, LitStr, Token, bracketed, token};

use crate::errors::Errors;

/// Walks over the entries of an attribute, reports unknown and repeated keys, and returns whether all could be read.
///
/// `entry` reads what follows a key, from the `=` on. Its errors are collected, and the walk goes on behind the next
/// comma. Where something could not be read, nobody knows what is missing: that must not be a second error.
pub(crate) fn parse_entries(
    attribute: &str,
    tokens: TokenStream,
    known: &[&str],
    errors: &mut Errors,
    mut entry: impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) -> bool {
    let mut seen: Vec<String> = Vec::new();
    let mut complete = true;
    let walk = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_entry(attribute, input, known, &mut seen, &mut entry) {
                errors.push(error);
                complete = false;
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
        complete = false;
    }
    complete
}

fn parse_entry(
    attribute: &str,
    input: ParseStream<'_>,
    known: &[&str],
    seen: &mut Vec<String>,
    entry: &mut impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error(format_args!("expected a key; the keys of `{attribute}` are: {}", known.join(", "))));
    };
    let name = key.to_string();
    if !known.contains(&name.as_str()) {
        let hint = match mcp_core::closest(&name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the keys are: {}", known.join(", ")),
        };
        return Err(syn::Error::new(key.span(), format_args!("unknown key `{name}` in `{attribute}`; {hint}")));
    }
    if seen.contains(&name) {
        return Err(syn::Error::new(key.span(), format_args!("`{name}` is given twice; remove one")));
    }
    entry(&key, &name, input)?;
    seen.push(name);
    if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(input.error("expected `,`")) }
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// `= value`, with `example` for whoever leaves it out.
pub(crate) fn value<T: Parse>(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<T> {
    equals(key, input, example)?;
    input.parse()
}

/// `= "text"`, with `why` for whoever writes something else.
pub(crate) fn string(key: &Ident, input: ParseStream<'_>, why: &str) -> syn::Result<LitStr> {
    equals(key, input, "\"…\"")?;
    if input.peek(LitStr) {
        return input.parse();
    }
    let why = if why.is_empty() { format!("; write `{key} = \"…\"`") } else { why.to_owned() };
    Err(other_value(key, input, &format!("a string literal{why}")))
}

/// Nothing, which means yes, or `= true`, or `= false`.
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
    if !input.peek(Token![=]) {
        return Ok(true);
    }
    input.parse::<Token![=]>()?;
    if input.peek(LitBool) {
        return input.parse::<LitBool>().map(|literal| literal.value);
    }
    Err(other_value(key, input, &format!("`true` or `false`; write `{key}`, or `{key} = false`")))
}

/// `= ["a", "b"]`; one text without the brackets is told how to write it.
pub(crate) fn strings(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    equals(key, input, "[\"…\"]")?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let list: Vec<_> = text.value().split_whitespace().map(|text| format!("{text:?}")).collect();
        let message = format!("`{key}` is a list; write `{key} = [{}]`", list.join(", "));
        return Err(syn::Error::new(text.span(), message));
    }
    bracketed_strings(key, input)
}

/// `["a", "b"]`.
pub(crate) fn bracketed_strings(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(other_value(key, input, &format!("a list of string literals; write `{key} = [\"…\"]`")));
    }
    list(input, |item| match item.peek(LitStr) {
        true => item.parse(),
        false => Err(item.error(format_args!("`{key}` lists string literals; write `{key} = [\"…\"]`"))),
    })
}

/// `[item, item]`.
pub(crate) fn list<T>(
    input: ParseStream<'_>,
    mut item: impl FnMut(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    let mut walk = || {
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(item(&content)?);
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(items)
    };
    let items = walk();
    // What is left behind an error would be reported as a second one.
    content.parse::<TokenStream>()?;
    items
}

/// The `=` behind a key.
pub(crate) fn equals(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        return input.parse::<Token![=]>().map(drop);
    }
    Err(syn::Error::new(key.span(), format_args!("`{key}` needs a value: `{key} = {example}`")))
}

/// The whole value has another form than `expected`.
pub(crate) fn other_value(key: &Ident, input: ParseStream<'_>, expected: &str) -> syn::Error {
    let message = format!("`{key}` is {expected}");
    match input.fork().parse::<Expr>() {
        Ok(value) => syn::Error::new_spanned(value, message),
        Err(_) => input.error(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// What is read of `a = "…"`, `b = ["…"]` and `c`, whether that is all, and the errors.
    fn parse(tokens: TokenStream) -> (Vec<String>, bool, Vec<String>) {
        let mut read = Vec::new();
        let mut errors = Errors::default();
        let complete = parse_entries("#[x]", tokens, &["alpha", "beta", "flag"], &mut errors, |key, name, input| {
            read.push(match name {
                "alpha" => string(key, input, "")?.value(),
                "beta" => strings(key, input)?.iter().map(LitStr::value).collect::<Vec<_>>().join("|"),
                _ => flag(key, input)?.to_string(),
            });
            Ok(())
        });
        (read, complete, errors.messages())
    }

    #[test]
    fn every_form_of_value_is_read() {
        let (read, complete, errors) = parse(quote!(alpha = "a", beta = ["b", "c",], flag,));
        assert_eq!((read, complete, errors), (vec!["a".to_owned(), "b|c".to_owned(), "true".to_owned()], true, vec![]));
        assert_eq!(parse(quote!(flag = false)).0, ["false"]);
        assert_eq!(parse(quote!()), (vec![], true, vec![]));
    }

    #[test]
    fn one_mistake_gives_one_error_and_the_rest_is_read() {
        let cases = [
            (quote!(alpha, flag), "`alpha` needs a value: `alpha = \"…\"`"),
            (quote!(alpha = 1 + 2, flag), "`alpha` is a string literal; write `alpha = \"…\"`"),
            (quote!(alpha = CONST, flag), "`alpha` is a string literal; write `alpha = \"…\"`"),
            (quote!(beta = "b c", flag), "`beta` is a list; write `beta = [\"b\", \"c\"]`"),
            (quote!(beta = [B, C], flag), "`beta` lists string literals; write `beta = [\"…\"]`"),
            (quote!(beta = [], beta = [], flag), "`beta` is given twice; remove one"),
            (quote!(aplha = [1, 2], flag), "unknown key `aplha` in `#[x]`; did you mean `alpha`?"),
            (quote!(other = f(1, 2), flag), "unknown key `other` in `#[x]`; the keys are: alpha, beta, flag"),
            (quote!(alpha = "a" beta = ["b"], flag), "expected `,`"),
            (quote!("a", flag), "expected a key; the keys of `#[x]` are: alpha, beta, flag"),
        ];
        for (tokens, expected) in cases {
            let (read, complete, errors) = parse(tokens);
            assert_eq!(errors, [expected]);
            assert!(!complete, "{expected}");
            assert_eq!(read.last().map(String::as_str), Some("true"), "{expected}");
        }
        let (_, complete, errors) = parse(quote!(flag = 1));
        assert_eq!(
            (complete, errors),
            (false, vec!["`flag` is `true` or `false`; write `flag`, or `flag = false`".to_owned()])
        );
    }
}
