//! Descriptions from doc comments.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// A description for clients.
#[derive(Debug, Clone)]
pub(crate) enum Description {
    /// A text that is known to the macro.
    Literal(String),
    /// Expressions for rustc, such as `include_str!("…")`, each on lines of its own.
    Computed(Vec<TokenStream>),
}

impl Description {
    /// Reads the doc comments among `attributes`, without their common indentation.
    pub(super) fn of_docs(attributes: &[Attribute]) -> Option<Self> {
        let mut parts: Vec<TokenStream> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        for value in attributes.iter().filter_map(doc_value) {
            if let Some(text) = literal(value) {
                lines.extend(text.split('\n').map(|line| line.trim_end().to_owned()));
                continue;
            }
            if !lines.is_empty() {
                parts.push(dedent(&std::mem::take(&mut lines)).to_token_stream());
            }
            parts.push(value.to_token_stream());
        }
        let text = dedent(&lines);
        if parts.is_empty() {
            let text = text.trim();
            return (!text.is_empty()).then(|| Self::Literal(text.to_owned()));
        }
        if !lines.is_empty() {
            parts.push(text.to_token_stream());
        }
        Some(Self::Computed(parts))
    }
}

pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// Returns the value of `#[doc = …]`, a doc comment in tokens.
fn doc_value(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(meta) if is_doc(attribute) => Some(&meta.value),
        _ => None,
    }
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        // A fragment of a declarative macro comes in a group.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Joins lines without their common indentation.
fn dedent(lines: &[String]) -> String {
    let indent = |line: &&String| line.len() - line.trim_start_matches(' ').len();
    let least = lines.iter().filter(|line| !line.is_empty()).map(|line| indent(&line)).min().unwrap_or_default();
    lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    /// Returns the text, with expressions in braces.
    fn text(attributes: &[Attribute]) -> Option<String> {
        Some(match Description::of_docs(attributes)? {
            Description::Literal(text) => text,
            Description::Computed(parts) => {
                let part = |part: &TokenStream| match syn::parse2::<syn::LitStr>(part.clone()) {
                    Ok(text) => text.value(),
                    Err(_) => format!("{{{part}}}"),
                };
                parts.iter().map(part).collect::<Vec<_>>().join("|")
            }
        })
    }

    #[test]
    fn markers_and_common_indentation_are_left_out() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = " Add a note."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = "   - indented"]),
            parse_quote!(#[doc(hidden)]),
        ];
        assert_eq!(text(&attributes).as_deref(), Some("Add a note.\n\n  - indented"));
        assert_eq!(text(&[]), None);
        assert_eq!(text(&[parse_quote!(#[doc = "  "]), parse_quote!(#[doc = ""])]), None);
    }

    #[test]
    fn macros_are_left_to_rustc_between_the_lines_around_them() {
        let included: Attribute = parse_quote!(#[doc = include_str!("add.md")]);
        let line: Attribute = parse_quote!(#[doc = " Add a note."]);
        assert_eq!(text(std::slice::from_ref(&included)).as_deref(), Some("{include_str ! (\"add.md\")}"));
        assert_eq!(
            text(&[line.clone(), line.clone(), included, line]).as_deref(),
            Some("Add a note.\nAdd a note.|{include_str ! (\"add.md\")}|Add a note.")
        );
    }
}
