use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token, token};

use super::entries::{bracketed_strings, equals, list, parse_entries, string, strings};
use super::icon::{Icon, icons};
use crate::errors::Errors;

const KEYS: &[&str] = &[
    "name",
    "version",
    "title",
    "instructions",
    "issuer",
    "resource",
    "scopes",
    "optional_scopes",
    "hierarchy",
    "resource_name",
    "resource_documentation",
    "icons",
    "website",
    "crate",
];

/// Why an address cannot be a constant or an expression.
const LITERAL: &str = ", because the documents are written when the program compiles; a value that is only known when \
                       it starts goes into `mcp::Protection`";

/// What stands in `#[mcp::server(…)]`. The keys of protection keep their own span for errors about the whole entry.
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
    pub(crate) hierarchy: Option<(Ident, Vec<Vec<LitStr>>)>,
    pub(crate) resource_name: Option<(Ident, LitStr)>,
    pub(crate) resource_documentation: Option<(Ident, LitStr)>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) website: Option<LitStr>,
    pub(crate) krate: Option<Path>,
    /// Whether every entry could be read, so that a key that is missing here was left out.
    pub(crate) complete: bool,
}

impl ServerAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        this.complete = parse_entries("#[mcp::server]", tokens, KEYS, errors, |key, name, input| {
            match name {
                "name" => this.name = Some(string(key, input, "")?),
                "version" => this.version = Some(string(key, input, "")?),
                "title" => this.title = Some(string(key, input, "")?),
                "instructions" => this.instructions = Some(string(key, input, "")?),
                "issuer" => this.issuer = Some((key.clone(), issuers(key, input)?)),
                "resource" => this.resource = Some((key.clone(), string(key, input, LITERAL)?)),
                "scopes" => this.scopes = Some((key.clone(), strings(key, input)?)),
                "optional_scopes" => this.optional_scopes = Some((key.clone(), strings(key, input)?)),
                "hierarchy" => this.hierarchy = Some((key.clone(), chains(key, input)?)),
                "resource_name" => this.resource_name = Some((key.clone(), string(key, input, "")?)),
                "resource_documentation" => {
                    this.resource_documentation = Some((key.clone(), string(key, input, "")?));
                }
                "icons" => this.icons = icons(key, input)?,
                "website" => this.website = Some(string(key, input, "")?),
                _ => this.krate = Some(krate(key, input)?),
            }
            Ok(())
        });
        this
    }
}

/// `= "one"` or `= ["one", "two"]`.
fn issuers(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek2(token::Bracket) {
        equals(key, input, "")?;
        bracketed_strings(key, input)
    } else {
        Ok(vec![string(key, input, LITERAL)?])
    }
}

/// `= ["admin" > "write" > "read", "audit" > "read"]`.
fn chains(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Vec<LitStr>>> {
    const EXAMPLE: &str = "[\"notes:write\" > \"notes:read\"]";
    equals(key, input, EXAMPLE)?;
    if !input.peek(token::Bracket) {
        return Err(input
            .error(format_args!("`{key}` is a list of chains, each from broad to narrow; write `{key} = {EXAMPLE}`")));
    }
    list(input, |item| {
        let mut chain: Vec<LitStr> = vec![item.parse()?];
        while item.peek(Token![>]) {
            item.parse::<Token![>]>()?;
            chain.push(item.parse()?);
        }
        match &*chain {
            _ if !item.is_empty() && !item.peek(Token![,]) => Err(item.error("expected `>`, from broad to narrow")),
            [alone] => Err(syn::Error::new(
                alone.span(),
                format_args!("a chain has at least two scopes, from broad to narrow; write `{key} = {EXAMPLE}`"),
            )),
            _ => Ok(chain),
        }
    })
}

/// `= renamed`.
pub(super) fn krate(key: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    equals(key, input, "renamed")?;
    if let Ok(text) = input.fork().parse::<LitStr>() {
        return Err(syn::Error::new(text.span(), format_args!("`crate` is a path; write `crate = {}`", text.value())));
    }
    input.parse()
}
