//! Attributes of other frameworks on parameters, with their replacements.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Ident, LitStr, Meta, Token};

use super::entries::{behind_joint, until_comma};
use super::foreign;
use super::keys::{Place, fold};
use super::value_form::{ValueForm, source};

/// The attributes that rustc allows on parameters.
const BUILT_IN: &[&str] = &["allow", "cfg", "cfg_attr", "deny", "expect", "forbid", "warn"];

/// The tools whose attributes rustc allows everywhere.
const TOOLS: &[&str] = &["clippy", "diagnostic", "miri", "rust_analyzer", "rustfmt"];

/// Returns the error for an attribute without effect on a parameter.
///
/// That is every attribute which rustc does not know, because a macro that runs later cannot change the signature.
pub(super) fn error(attribute: &Attribute) -> Option<String> {
    let path = attribute.path();
    let is_text = path.is_ident("doc") && matches!(attribute.meta, Meta::NameValue(_));
    let is_built_in = BUILT_IN.iter().any(|name| path.is_ident(name));
    let is_of_a_tool = path.segments.len() > 1 && TOOLS.iter().any(|tool| path.segments[0].ident == tool);
    if is_text || is_built_in || is_of_a_tool {
        return None;
    }
    let name = path.segments.last()?.ident.to_string();
    let shown = source(&path.to_token_stream());
    Some(format!("`#[{shown}]` means nothing on this parameter; {}", advice(&name, value(attribute))))
}

/// Returns the tokens in the parentheses or after the `=`.
fn value(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => meta.value.to_token_stream(),
    }
}

fn advice(name: &str, value: TokenStream) -> String {
    let folded = fold(name);
    if let Some(key) = own_key(&folded) {
        return format!("write `#[arg({key} = {})]`", form(key).of(value));
    }
    let entries = ForeignArguments::read.parse2(value).unwrap_or_default();
    let own = entries.own.join(", ");
    match (entries.foreign, foreign::advice(Place::Arg, &folded)) {
        (None, None) if own.is_empty() => format!(
            "remove it, or write `#[arg(…)]`, whose keys are: {}; its description is a doc comment",
            Place::Arg.keys().join(", ")
        ),
        (None, Some(advice)) if own.is_empty() => format!("write `#[arg(…)]`, where {advice}"),
        (None, _) => format!("write `#[arg({own})]`"),
        (Some((key, advice)), _) => {
            let own = if own.is_empty() { "…".to_owned() } else { format!("{own}, …") };
            format!("write `#[arg({own})]`, where `{key}` is none of the keys: {advice}")
        }
    }
}

/// The arguments of an attribute of another framework.
#[derive(Default)]
struct ForeignArguments {
    /// The entries that `#[arg]` supports, in its syntax.
    own: Vec<String>,
    /// The first key that `#[arg]` does not have, with advice.
    foreign: Option<(String, String)>,
}

impl ForeignArguments {
    fn read(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut this = Self::default();
        while !input.is_empty() {
            if let Ok(text) = input.parse::<LitStr>() {
                this.own.push(format!("description = {}", text.to_token_stream()));
            } else if let Ok(key) = input.call(Ident::parse_any) {
                let folded = fold(&key.to_string());
                match (own_key(&folded), foreign::advice(Place::Arg, &folded)) {
                    (Some(key), _) => this.own.push(format!("{key} = {}", form(key).of(behind_joint(input)))),
                    (None, Some(advice)) if this.foreign.is_none() => {
                        this.foreign = Some((key.to_string(), advice.to_owned()));
                    }
                    _ => {}
                }
            }
            until_comma(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(this)
    }
}

/// Returns the key of `#[arg]` with that name.
fn own_key(folded: &str) -> Option<&'static str> {
    Place::Arg.keys().iter().copied().find(|key| fold(key) == folded)
}

fn form(key: &str) -> ValueForm {
    match key {
        "range" | "length" => ValueForm::Range,
        "default" => ValueForm::Like("Default::default()"),
        _ => ValueForm::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn attributes_of_others_are_translated() {
        let cases: [(Attribute, &str); 22] = [
            (parse_quote!(#[schemars(description = "x")]), "`#[arg(description = \"x\")]`"),
            (parse_quote!(#[schemars(range(min = 1, max = 5))]), "`#[arg(range = 1..=5)]`"),
            (parse_quote!(#[schemars(length(max = 80), regex = "^a$")]), "`pattern = \"^[a-z]+$\"`"),
            (parse_quote!(#[schemars(length(max = 80), regex = "^a$")]), "`#[arg(length = ..=80, …)]`"),
            (parse_quote!(#[serde(default)]), "`#[arg(default = Default::default())]`"),
            (parse_quote!(#[serde(rename = "x")]), "`rename` is none of the keys: it is called `name` here"),
            (parse_quote!(#[param(description = "x", default = 1)]), "`#[arg(description = \"x\", default = 1)]`"),
            (parse_quote!(#[validate(range(min = 1))]), "`#[arg(range = 1..)]`"),
            (parse_quote!(#[garde(length(min = 1))]), "`#[arg(length = 1..)]`"),
            (parse_quote!(#[clap(long, default_value = "x")]), "command line"),
            (parse_quote!(#[graphql(name = "x", desc = "y")]), "`#[arg(name = \"x\", …)]`, where `desc`"),
            (parse_quote!(#[tool(param)]), "remove it, or write `#[arg(…)]`"),
            (parse_quote!(#[rmcp::tool(aggr)]), "`#[rmcp::tool]` means nothing on this parameter; remove it"),
            (parse_quote!(#[description("The text.")]), "`#[arg(description = \"The text.\")]`"),
            (parse_quote!(#[description = "The text."]), "`#[arg(description = \"The text.\")]`"),
            (parse_quote!(#[Description("The text.")]), "`#[arg(description = \"The text.\")]`"),
            (parse_quote!(#[doc("The text.")]), "`#[arg(description = \"The text.\")]`"),
            (parse_quote!(#[param("The text.")]), "`#[arg(description = \"The text.\")]`"),
            (parse_quote!(#[default = 5]), "`#[arg(default = 5)]`"),
            (parse_quote!(#[range(1..=5)]), "`#[arg(range = 1..=5)]`"),
            (parse_quote!(#[min(1)]), "where the bounds of a number are one `range` here"),
            (parse_quote!(#[whatever]), "remove it, or write `#[arg(…)]`"),
        ];
        for (attribute, expected) in cases {
            let message = error(&attribute).unwrap_or_default();
            assert!(message.contains(expected), "{expected}: {message}");
        }
    }

    #[test]
    fn attributes_of_rustc_stay() {
        let attributes: [Attribute; 4] = [
            parse_quote!(#[allow(unused)]),
            parse_quote!(#[expect(unused, reason = "…")]),
            parse_quote!(#[doc = "text"]),
            parse_quote!(#[clippy::whatever]),
        ];
        assert!(attributes.iter().all(|attribute| error(attribute).is_none()));
    }
}
