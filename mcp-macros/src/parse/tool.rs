use proc_macro2::TokenStream;
use syn::{Ident, LitStr};

use super::entries::{flag, parse_entries, string, strings};
use crate::errors::Errors;

const KEYS: &[&str] = &[
    "name",
    "title",
    "description",
    "scopes",
    "hidden",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "blocking",
];

/// What stands in `#[mcp::tool(…)]`.
#[derive(Default)]
pub(crate) struct ToolAttribute {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) scopes: Option<(Ident, Vec<LitStr>)>,
    pub(crate) hidden: Option<(Ident, bool)>,
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<(Ident, bool)>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    pub(crate) blocking: Option<(Ident, bool)>,
    /// Whether every entry could be read, so that a key that is missing here was left out.
    pub(crate) complete: bool,
}

impl ToolAttribute {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        this.complete = parse_entries("#[mcp::tool]", tokens, KEYS, errors, |key, name, input| {
            match name {
                "name" => this.name = Some(string(key, input, "")?),
                "title" => this.title = Some(string(key, input, "")?),
                "description" => this.description = Some(string(key, input, "")?),
                "scopes" => this.scopes = Some((key.clone(), strings(key, input)?)),
                "hidden" => this.hidden = Some((key.clone(), flag(key, input)?)),
                "read_only" => this.read_only = Some(flag(key, input)?),
                "destructive" => this.destructive = Some((key.clone(), flag(key, input)?)),
                "idempotent" => this.idempotent = Some(flag(key, input)?),
                "open_world" => this.open_world = Some(flag(key, input)?),
                _ => this.blocking = Some((key.clone(), flag(key, input)?)),
            }
            Ok(())
        });
        this
    }
}
