use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token, bracketed, token};

use super::entries::{bracketed_strings, parse_entries, string, strings, value};
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
    pub(crate) krate: Option<Path>,
}

impl ServerAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        parse_entries("#[mcp::server]", tokens, KEYS, errors, |key, name, input| {
            match name {
                "name" => this.name = Some(string(input, "")?),
                "version" => this.version = Some(string(input, "")?),
                "title" => this.title = Some(string(input, "")?),
                "instructions" => this.instructions = Some(string(input, "")?),
                "issuer" => this.issuer = Some((key.clone(), issuers(input)?)),
                "resource" => this.resource = Some((key.clone(), string(input, LITERAL)?)),
                "scopes" => this.scopes = Some((key.clone(), strings(name, input)?)),
                "optional_scopes" => this.optional_scopes = Some((key.clone(), strings(name, input)?)),
                "hierarchy" => this.hierarchy = Some((key.clone(), chains(input)?)),
                "resource_name" => this.resource_name = Some((key.clone(), string(input, "")?)),
                "resource_documentation" => this.resource_documentation = Some((key.clone(), string(input, "")?)),
                _ => this.krate = Some(value(input)?),
            }
            Ok(())
        });
        this
    }
}

/// `= "one"` or `= ["one", "two"]`.
fn issuers(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek2(token::Bracket) {
        input.parse::<Token![=]>()?;
        bracketed_strings(input)
    } else {
        Ok(vec![string(input, LITERAL)?])
    }
}

/// `= ["admin" > "write" > "read", "audit" > "read"]`.
fn chains(input: ParseStream<'_>) -> syn::Result<Vec<Vec<LitStr>>> {
    input.parse::<Token![=]>()?;
    if !input.peek(token::Bracket) {
        return Err(input.error("expected a list from broad to narrow: `[\"notes:write\" > \"notes:read\"]`"));
    }
    let content;
    bracketed!(content in input);
    let mut chains = Vec::new();
    while !content.is_empty() {
        let mut chain = vec![content.parse::<LitStr>()?];
        while content.peek(Token![>]) {
            content.parse::<Token![>]>()?;
            chain.push(content.parse()?);
        }
        if chain.len() == 1 {
            return Err(content.error("expected `>` and a narrower scope: `\"notes:write\" > \"notes:read\"`"));
        }
        chains.push(chain);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(chains)
}
