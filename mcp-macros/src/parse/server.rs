//! The attribute `#[mcp::server]`.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token, token};

use super::entries::{
    bracketed_strings, dpop, equals, flag, list, next_span, other_value, parse_entries, rate, string, strings,
    until_comma,
};
use super::guard::{GuardNames, guards};
use super::icon::{Icon, icons};
use super::keys::Place;
use super::timeout::Timeout;
use super::value_form::{Chain, ValueForm};
use crate::errors::Errors;

/// The advice for a URL that is not a literal.
const LITERAL: &str = ", because the documents are written when the program compiles; a value that is only known when \
                       it starts goes into `mcp::Protection`";

/// The entries of `#[mcp::server(…)]`.
///
/// The keys of protection keep their identifiers, for errors about the whole entry.
#[derive(Default)]
pub(crate) struct ServerAttribute {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) instructions: Option<LitStr>,
    pub(crate) issuer: Option<(Ident, Vec<LitStr>)>,
    pub(crate) resource: Option<(Ident, LitStr)>,
    pub(crate) scopes: Option<(Ident, Vec<LitStr>)>,
    pub(crate) optional_scopes: Option<(Ident, Vec<LitStr>)>,
    pub(crate) extra_scopes: Option<(Ident, Vec<LitStr>)>,
    pub(crate) scope_prefix: Option<(Ident, LitStr)>,
    pub(crate) hierarchy: Option<(Ident, Vec<Vec<LitStr>>)>,
    pub(crate) dpop: Option<(Ident, LitStr)>,
    pub(crate) rate: Option<(Ident, LitStr)>,
    pub(crate) resource_name: Option<(Ident, LitStr)>,
    pub(crate) resource_documentation: Option<(Ident, LitStr)>,
    pub(crate) guards: GuardNames,
    pub(crate) icons: Vec<Icon>,
    pub(crate) website: Option<LitStr>,
    pub(crate) lenient: bool,
    pub(crate) inline_schemas: bool,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) krate: Option<Path>,
    /// All keys, including unknown ones.
    pub(crate) typed: Vec<Ident>,
    /// Set if every entry is valid. Otherwise, an absent key may be misspelled.
    pub(crate) complete: bool,
}

impl ServerAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        let entries = parse_entries(Place::Server, tokens, errors, |key, name, input| {
            match name {
                "name" => this.name = Some(string(key, input, "")?),
                "version" => this.version = Some(string(key, input, "")?),
                "title" => this.title = Some(string(key, input, "")?),
                "instructions" => this.instructions = Some(string(key, input, "")?),
                "issuer" => this.issuer = Some((key.clone(), issuers(key, input)?)),
                "resource" => this.resource = Some((key.clone(), string(key, input, LITERAL)?)),
                "scopes" => this.scopes = Some((key.clone(), strings(key, input)?)),
                "optional_scopes" => this.optional_scopes = Some((key.clone(), strings(key, input)?)),
                "extra_scopes" => this.extra_scopes = Some((key.clone(), strings(key, input)?)),
                "scope_prefix" => this.scope_prefix = Some((key.clone(), string(key, input, LITERAL)?)),
                "hierarchy" => this.hierarchy = Some((key.clone(), chains(key, input)?)),
                "dpop" => this.dpop = Some((key.clone(), dpop(key, input)?)),
                "rate" => this.rate = Some((key.clone(), rate(key, input)?)),
                "resource_name" => this.resource_name = Some((key.clone(), string(key, input, "")?)),
                "resource_documentation" => {
                    this.resource_documentation = Some((key.clone(), string(key, input, "")?));
                }
                "guard" => this.guards = guards(key, input)?,
                "icons" => this.icons = icons(key, input)?,
                "website" => this.website = Some(string(key, input, "")?),
                "lenient" => this.lenient = flag(key, input)?,
                "inline_schemas" => this.inline_schemas = flag(key, input)?,
                "timeout" => this.timeout = Some(Timeout::parse(key, input)?),
                _ => this.krate = Some(krate(key, input)?),
            }
            Ok(())
        });
        Self { typed: entries.typed, complete: entries.complete, ..this }
    }
}

/// Parses `= "one"` or `= ["one", "two"]`.
fn issuers(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek2(token::Bracket) {
        equals(key, input, ValueForm::Text)?;
        bracketed_strings(key, input, LITERAL)
    } else {
        Ok(vec![string(key, input, LITERAL)?])
    }
}

/// Parses `= ["admin" > "write" > "read", "audit" > "read"]`.
fn chains(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Vec<LitStr>>> {
    equals(key, input, ValueForm::Chains)?;
    if !input.peek(token::Bracket) {
        let written = ValueForm::Chains.of(until_comma(&input.fork())?);
        let message = format!("a list of chains, each from broad to narrow; write `{key} = {written}`");
        return Err(other_value(key, input, &message));
    }
    list(input, chain)
}

/// Parses `"admin" > "write" > "read"`.
fn chain(item: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let written = Chain::read(until_comma(&item.fork())?);
    let error = |span| {
        syn::Error::new(span, format_args!("a chain goes from broad to narrow, with `>` in between; write `{written}`"))
    };
    let mut chain: Vec<LitStr> = Vec::new();
    loop {
        let span = next_span(item);
        chain.push(item.parse().map_err(|_| error(span))?);
        if item.is_empty() || item.peek(Token![,]) {
            break;
        }
        if !item.peek(Token![>]) || item.peek(Token![>=]) || item.peek(Token![>>]) {
            return Err(error(next_span(item)));
        }
        item.parse::<Token![>]>()?;
    }
    match &*chain {
        [alone] if written.has_one() => Err(syn::Error::new(
            alone.span(),
            format_args!("a chain has at least two scopes, from broad to narrow; write `{written}`"),
        )),
        [several] => Err(error(several.span())),
        _ => Ok(chain),
    }
}

/// Parses `= renamed`.
pub(super) fn krate(key: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    equals(key, input, ValueForm::Like("renamed"))?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        return Err(syn::Error::new(text.span(), format_args!("`crate` is a path; write `crate = {}`", text.value())));
    }
    input.call(Path::parse_mod_style).map_err(|_| other_value(key, input, "a path; write `crate = renamed`"))
}
