//! The grammar of all attributes: `key` or `key = value`, separated by commas.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Expr, Ident, Lit, LitBool, LitStr, Token, bracketed, token};

use super::keys::Place;
use super::kind::Kind;
use super::value_form::{ValueForm, source};
use crate::errors::Errors;

/// The result of [`parse_entries`].
pub(crate) struct Entries {
    /// All keys, including unknown ones.
    pub(crate) typed: Vec<Ident>,
    /// Set if every entry is valid. Otherwise, a missing key must not be reported, because an invalid entry may be that
    /// key.
    pub(crate) complete: bool,
}

/// Parses the entries of an attribute, and reports unknown and repeated keys.
///
/// `entry` parses the tokens after a key, from the `=` on. After an error, parsing continues at the next comma.
pub(crate) fn parse_entries(
    place: Place,
    tokens: TokenStream,
    errors: &mut Errors,
    mut entry: impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) -> Entries {
    let mut typed: Vec<Ident> = Vec::new();
    let mut complete = true;
    let walk = |input: ParseStream<'_>| {
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            if let Err(error) = parse_entry(place, input, &mut typed, &mut seen, &mut entry) {
                errors.push(error);
                complete = false;
                until_comma(input)?;
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
    Entries { typed, complete }
}

fn parse_entry(
    place: Place,
    input: ParseStream<'_>,
    typed: &mut Vec<Ident>,
    seen: &mut Vec<String>,
    entry: &mut impl FnMut(&Ident, &str, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let Ok(key) = input.call(Ident::parse_any) else { return Err(no_key(place, input)) };
    typed.push(key.clone());
    let name = key.to_string();
    if !place.keys().contains(&name.as_str()) {
        return Err(syn::Error::new(key.span(), place.unknown(&name)));
    }
    if seen.contains(&name) {
        return Err(syn::Error::new(key.span(), format_args!("`{name}` is given twice; remove one")));
    }
    entry(&key, &name, input)?;
    seen.push(name);
    if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(input.error("expected `,`")) }
}

/// Returns the error for an entry without a key.
fn no_key(place: Place, input: ParseStream<'_>) -> syn::Error {
    let keys = place.keys();
    if let (true, Ok(key)) = (input.peek(Token![!]), second_ident(input)) {
        return match keys.contains(&key.to_string().as_str()) {
            true => syn::Error::new(input.span(), format_args!("a key is not negated; write `{key} = false`")),
            false => syn::Error::new(key.span(), place.unknown(&key.to_string())),
        };
    }
    let Ok(literal) = input.fork().parse::<Lit>() else {
        let message = format!("expected a key; the keys of `{}` are: {}", place.name(), keys.join(", "));
        return syn::Error::new(next_span(input), message);
    };
    let Lit::Str(text) = &literal else {
        return syn::Error::new(literal.span(), positional(place, &entry_source(input)));
    };
    let value = text.value();
    let rest = input.fork();
    let is_key = rest.parse::<Lit>().is_ok() && (rest.peek(Token![=]) || rest.peek(Token![:]));
    let message = match (is_key, keys.contains(&&*value)) {
        (true, true) => {
            format!("a key has no quotes; write `{value} = {}`", ValueForm::Like("…").of(behind_joint(&rest)))
        }
        (true, false) => place.unknown(&value),
        (false, _) => positional(place, &entry_source(input)),
    };
    syn::Error::new(literal.span(), message)
}

fn second_ident(input: ParseStream<'_>) -> syn::Result<Ident> {
    let fork = input.fork();
    fork.parse::<Token![!]>()?;
    fork.call(Ident::parse_any)
}

/// Returns the source of the next entry.
fn entry_source(input: ParseStream<'_>) -> String {
    until_comma(&input.fork()).map(|tokens| source(&tokens)).unwrap_or_default()
}

/// Returns the error for a value without a key.
fn positional(place: Place, value: &str) -> String {
    let is_text = value.ends_with(['"', '#']);
    let is_address = value.contains("://");
    if place == Place::Part && is_text {
        return format!("the server of a part is a type behind its key; write `of = {}`", value.trim_matches('"'));
    }
    let keys: &[&str] = match place {
        Place::Server if is_address => &["issuer", "resource"],
        Place::Server if is_text => &["name", "instructions"],
        Place::Arg if value.contains("..") && !is_text => &["range", "length"],
        Place::Arg if !is_text => &["default"],
        Place::Arg | Place::Method(Kind::Tool | Kind::Prompt | Kind::Resource) if is_text && value.contains(' ') => {
            &["description"]
        }
        Place::Arg | Place::Method(Kind::Tool | Kind::Prompt | Kind::Resource) if is_text => &["name", "description"],
        Place::Method(Kind::Completion) if is_address => &["resource"],
        Place::Method(Kind::Completion) if is_text => &["prompt", "argument"],
        Place::Icon if is_text => &["src"],
        _ => return format!("expected a key; the keys of `{}` are: {}", place.name(), place.keys().join(", ")),
    };
    let entries: Vec<String> = keys.iter().map(|key| format!("`{key} = {value}`")).collect();
    let comment = match place {
        Place::Arg if is_text => ", or a doc comment in front of the parameter",
        Place::Method(_) if keys.contains(&"description") => ", or a doc comment above the method",
        _ => "",
    };
    format!("a value stands behind its key; write {}{comment}", entries.join(" or "))
}

/// Takes the tokens up to the next comma.
pub(crate) fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// Parses `= value`. An error describes the value as `expected`.
pub(crate) fn value<T: Parse>(key: &Ident, input: ParseStream<'_>, form: ValueForm, expected: &str) -> syn::Result<T> {
    equals(key, input, form)?;
    let fork = input.fork();
    match fork.parse() {
        Ok(value) => {
            input.advance_to(&fork);
            Ok(value)
        }
        Err(_) => Err(other_value(key, input, expected)),
    }
}

/// Parses `= "text"`. An error ends with `why` if no correction is known.
pub(crate) fn string(key: &Ident, input: ParseStream<'_>, why: &str) -> syn::Result<LitStr> {
    equals(key, input, ValueForm::Text)?;
    let rest = input.fork();
    if let Ok(text) = rest.parse::<LitStr>() {
        let goes_on = rest.peek(Token![.]) || rest.peek(Token![+]) || rest.peek(Token![?]) || rest.peek(Token![|]);
        if !goes_on {
            input.advance_to(&rest);
            return Ok(text);
        }
    }
    let value = until_comma(&input.fork())?;
    let literal = ValueForm::Text.find(value.clone());
    let written = literal.clone().unwrap_or_else(|| ValueForm::Text.example().to_owned());
    if input.peek(token::Bracket) {
        return Err(other_value(key, input, &format!("one text, not a list; write `{key} = {written}`")));
    }
    let advice =
        if why.is_empty() || literal.is_some() { format!("; write `{key} = {written}`") } else { why.to_owned() };
    Err(other_value(key, input, &format!("a string literal{advice}")))
}

/// Parses `= "accepted"`.
pub(crate) fn dpop(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let expected = format!("`\"accepted\"`, beside bearer tokens, or `\"required\"`; write `{key} = \"accepted\"`");
    value(key, input, ValueForm::Like("\"accepted\""), &expected)
}

/// Parses `= "30/min"`.
pub(crate) fn rate(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let expected = format!("a number per unit of time, as a text; write one like `{key} = \"30/min\"`");
    value(key, input, ValueForm::Like("\"30/min\""), &expected)
}

/// Parses an optional `= true` or `= false`. Defaults to `true`.
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(true);
    }
    let expected = format!("`true` or `false`; write `{key}`, or `{key} = false`");
    if !input.peek(Token![=]) || input.peek(Token![==]) || input.peek(Token![=>]) {
        return Err(match input.peek(Ident::peek_any) || input.peek(Lit) {
            // This is the next entry, or a value without its `=`.
            true => input.error("expected `,`"),
            false => syn::Error::new(key.span(), format_args!("`{key}` is {expected}")),
        });
    }
    input.parse::<Token![=]>()?;
    if input.peek(LitBool) {
        return input.parse::<LitBool>().map(|literal| literal.value);
    }
    Err(other_value(key, input, &expected))
}

/// Parses `= ["a", "b"]`. The error for a text without brackets suggests the list.
pub(crate) fn strings(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    equals(key, input, ValueForm::Texts)?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let message =
            format!("`{key}` is a list; write `{key} = {}`", ValueForm::Texts.of(until_comma(&input.fork())?));
        return Err(syn::Error::new(text.span(), message));
    }
    bracketed_strings(key, input, "")
}

/// Parses `["a", "b"]`. The error for other items ends with `why`.
pub(crate) fn bracketed_strings(key: &Ident, input: ParseStream<'_>, why: &str) -> syn::Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(other_value(key, input, &format!("a list of string literals; write `{key} = [\"…\"]`")));
    }
    let why = if why.is_empty() { format!("; write `{key} = [\"…\"]`") } else { why.to_owned() };
    list(input, |item| match item.peek(LitStr) {
        true => item.parse(),
        false => Err(other_item(item, format_args!("`{key}` lists string literals{why}"))),
    })
}

/// Parses `[item, item]`.
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
    // syn would report unparsed tokens as a second error.
    content.parse::<TokenStream>()?;
    items
}

/// Parses the `=` between a key and its value.
pub(crate) fn equals(key: &Ident, input: ParseStream<'_>, form: ValueForm) -> syn::Result<()> {
    let example = form.example();
    let no_value = || syn::Error::new(key.span(), format_args!("`{key}` needs a value: `{key} = {example}`"));
    if input.peek(Token![=]) && !input.peek(Token![==]) && !input.peek(Token![=>]) {
        input.parse::<Token![=]>()?;
        return if input.is_empty() || input.peek(Token![,]) { Err(no_value()) } else { Ok(()) };
    }
    if input.is_empty() || input.peek(Token![,]) || input.peek(Ident::peek_any) && input.peek2(Token![=]) {
        return Err(no_value());
    }
    let value = form.of(behind_joint(&input.fork()));
    Err(syn::Error::new(key.span(), format_args!("the value of `{key}` stands behind `=`; write `{key} = {value}`")))
}

/// Takes the value after `:` or `=>`, or in parentheses.
pub(crate) fn behind_joint(input: ParseStream<'_>) -> TokenStream {
    let mut trees = until_comma(input).unwrap_or_default().into_iter().peekable();
    while trees.next_if(|tree| matches!(tree, TokenTree::Punct(punct) if ":=>".contains(punct.as_char()))).is_some() {}
    let value: Vec<TokenTree> = trees.collect();
    match &*value {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        _ => value.into_iter().collect(),
    }
}

/// Returns the span of the next token tree.
pub(crate) fn next_span(input: ParseStream<'_>) -> Span {
    input.fork().parse::<TokenTree>().map_or_else(|_| input.span(), |tree| tree.span())
}

/// Returns the error for a value that is not `expected`.
pub(crate) fn other_value(key: &Ident, input: ParseStream<'_>, expected: &str) -> syn::Error {
    let message = format!("`{key}` is {expected}");
    if input.is_empty() || input.peek(Token![,]) {
        return syn::Error::new(key.span(), message);
    }
    other_item(input, message)
}

/// Returns an error under the next expression or token.
fn other_item(input: ParseStream<'_>, message: impl std::fmt::Display) -> syn::Error {
    match input.fork().parse::<Expr>() {
        Ok(value) => syn::Error::new_spanned(value, message),
        Err(_) => syn::Error::new(next_span(input), message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// Parses an attribute of a tool: values, completeness, errors.
    fn parse(tokens: TokenStream) -> (Vec<String>, bool, Vec<String>) {
        let mut read = Vec::new();
        let mut errors = Errors::default();
        let entries = parse_entries(Place::Method(Kind::Tool), tokens, &mut errors, |key, name, input| {
            read.push(match name {
                "name" => string(key, input, "")?.value(),
                "scopes" => strings(key, input)?.iter().map(LitStr::value).collect::<Vec<_>>().join("|"),
                _ => flag(key, input)?.to_string(),
            });
            Ok(())
        });
        (read, entries.complete, errors.messages())
    }

    #[test]
    fn every_form_of_value_is_read() {
        let (read, complete, errors) = parse(quote!(name = "a", scopes = ["b", "c",], hidden,));
        assert_eq!((read, complete, errors), (vec!["a".to_owned(), "b|c".to_owned(), "true".to_owned()], true, vec![]));
        assert_eq!(parse(quote!(hidden = false)).0, ["false"]);
        assert_eq!(parse(quote!()), (vec![], true, vec![]));
    }

    #[test]
    fn one_mistake_gives_one_error_and_the_rest_is_read() {
        let cases = [
            (quote!(name, hidden), "`name` needs a value: `name = \"…\"`"),
            (quote!(name =, hidden), "`name` needs a value: `name = \"…\"`"),
            (quote!(name = 1 + 2, hidden), "`name` is a string literal; write `name = \"…\"`"),
            (quote!(name = CONST, hidden), "`name` is a string literal; write `name = \"…\"`"),
            (quote!(scopes = "b c", hidden), "`scopes` is a list; write `scopes = [\"b\", \"c\"]`"),
            (quote!(scopes = "b, c", hidden), "`scopes` is a list; write `scopes = [\"b\", \"c\"]`"),
            (quote!(scopes = "b,c", hidden), "`scopes` is a list; write `scopes = [\"b\", \"c\"]`"),
            (quote!(scopes = [B, C], hidden), "`scopes` lists string literals; write `scopes = [\"…\"]`"),
            (quote!(scopes = [], scopes = [], hidden), "`scopes` is given twice; remove one"),
            (quote!(nmae = [1, 2], hidden), "unknown key `nmae` in `#[mcp::tool]`; did you mean `name`?"),
            (quote!(name = "a" scopes = ["b"], hidden), "expected `,`"),
        ];
        for (tokens, expected) in cases {
            let (read, complete, errors) = parse(tokens);
            assert_eq!(errors, [expected]);
            assert!(!complete, "{expected}");
            assert_eq!(read.last().map(String::as_str), Some("true"), "{expected}");
        }
    }
}
