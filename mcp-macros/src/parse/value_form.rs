//! Conversion of values to the form of their key, for suggestions.

use std::fmt;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Expr, Ident, LitStr};

/// The form of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// A text: `"…"`.
    Text,
    /// A list of texts: `["…"]`.
    Texts,
    /// A range: `1..=5`.
    Range,
    /// A list of chains: `["…" > "…"]`.
    Chains,
    /// Any other form, with an example.
    Like(&'static str),
}

impl ValueForm {
    /// Returns an example of this form.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Text => "\"…\"",
            Self::Texts => "[\"…\"]",
            Self::Range => "1..=5",
            Self::Chains => "[\"notes:write\" > \"notes:read\"]",
            Self::Like(example) => example,
        }
    }

    /// Returns `value` in this form, or else an example.
    pub(super) fn of(self, value: TokenStream) -> String {
        self.find(value).unwrap_or_else(|| self.example().to_owned())
    }

    /// Returns `value` in this form, if it can be converted.
    pub(super) fn find(self, value: TokenStream) -> Option<String> {
        let text = match self {
            Self::Text => as_text(value),
            Self::Texts => as_texts(value),
            Self::Range => as_range(value),
            Self::Chains => as_chains(value),
            Self::Like(_) => Some(source(&value)).filter(|text| !text.is_empty()),
        };
        // A long text would hide the advice.
        text.filter(|text| text.chars().count() <= 80)
    }
}

/// Converts a literal, perhaps with a conversion, or an unquoted word.
fn as_text(value: TokenStream) -> Option<String> {
    match syn::parse2::<Expr>(value).ok()? {
        Expr::Lit(literal) => Some(quoted(&literal.lit.to_token_stream().to_string())),
        // A word in capitals is a constant.
        Expr::Path(path) => {
            let word = path.path.get_ident()?.to_string();
            word.starts_with(char::is_lowercase).then(|| format!("\"{word}\""))
        }
        Expr::Reference(reference) => as_text(reference.expr.to_token_stream()),
        Expr::Paren(paren) => as_text(paren.expr.to_token_stream()),
        Expr::Array(array) if array.elems.len() == 1 => as_text(array.elems.to_token_stream()),
        Expr::MethodCall(call) if is_conversion(&call.method) => as_text(call.receiver.to_token_stream()),
        Expr::Call(call) if call.args.len() == 1 => match &*call.func {
            Expr::Path(path) if path.path.segments.last().is_some_and(|last| is_conversion(&last.ident)) => {
                as_text(call.args.to_token_stream())
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_conversion(function: &Ident) -> bool {
    ["to_string", "to_owned", "into", "from", "as_str", "Some"].iter().any(|name| function == name)
}

/// Puts a literal in quotes, unless it has them.
fn quoted(literal: &str) -> String {
    if literal.ends_with(['"', '#']) {
        return literal.to_owned();
    }
    format!("\"{}\"", literal.trim_matches('\''))
}

/// Converts a list in any brackets, or a text that lists several.
fn as_texts(value: TokenStream) -> Option<String> {
    let texts = texts(value);
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(", ")))
}

fn texts(value: TokenStream) -> Vec<String> {
    let words = |text: String| -> Vec<String> {
        mcp_core::listed_scopes(&text).into_iter().map(|word| format!("{word:?}")).collect()
    };
    let tree = |tree: TokenTree| match tree {
        TokenTree::Group(group) => texts(group.stream()),
        other => syn::parse2::<LitStr>(other.into()).map(|text| words(text.value())).unwrap_or_default(),
    };
    value.into_iter().flat_map(tree).collect()
}

/// Converts a range in quotes or brackets, two numbers, or one maximum.
fn as_range(value: TokenStream) -> Option<String> {
    if let Ok(Expr::Range(_)) = syn::parse2(value.clone()) {
        return Some(source(&value));
    }
    if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
        return as_range(text.value().parse().ok()?);
    }
    let mut trees: Vec<TokenTree> = value.into_iter().collect();
    if let [TokenTree::Group(group)] = &*trees {
        return as_range(group.stream());
    }
    let has = |names: &[&str]| {
        trees.iter().any(|tree| matches!(tree, TokenTree::Ident(name) if names.iter().any(|other| name == other)))
    };
    let is_least = matches!(trees.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '>');
    let (least, most) = (is_least || has(&["min", "ge", "minimum"]), has(&["max", "le", "maximum"]));
    trees.retain(|tree| matches!(tree, TokenTree::Literal(literal) if is_number(&literal.to_string())));
    match &*trees {
        [least, most] => Some(format!("{least}..={most}")),
        [alone] if least && !most => Some(format!("{alone}..")),
        [alone] => Some(format!("..={alone}")),
        _ => None,
    }
}

fn is_number(literal: &str) -> bool {
    literal.starts_with(|char: char| char.is_ascii_digit())
}

/// Converts a list of chains, or a chain without brackets.
fn as_chains(value: TokenStream) -> Option<String> {
    let text = source(&value);
    if text.starts_with('[') {
        return Some(text);
    }
    Some(format!("[{}]", Chain::read(value)))
}

/// A chain of scopes, read with any brackets, quotes and separators.
#[derive(Default)]
pub(super) struct Chain {
    scopes: Vec<String>,
    upwards: bool,
}

impl Chain {
    pub(super) fn read(tokens: TokenStream) -> Self {
        let mut this = Self::default();
        this.add(tokens);
        if this.upwards {
            this.scopes.reverse();
        }
        this
    }

    pub(super) fn has_one(&self) -> bool {
        self.scopes.len() == 1
    }

    fn add(&mut self, tokens: TokenStream) {
        for tree in tokens {
            match tree {
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == '<' => self.upwards = true,
                other => {
                    let Ok(text) = syn::parse2::<LitStr>(other.into()) else { continue };
                    let text = text.value();
                    self.upwards |= text.contains('<');
                    let scopes = text.split(|char: char| char.is_whitespace() || matches!(char, '<' | '>' | ',' | '='));
                    self.scopes.extend(scopes.filter(|scope| !matches!(*scope, "" | "-")).map(str::to_owned));
                }
            }
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.scopes {
            [] => f.write_str("\"notes:write\" > \"notes:read\""),
            [alone] => write!(f, "{alone:?} > \"…\""),
            scopes => f.write_str(&scopes.iter().map(|scope| format!("{scope:?}")).collect::<Vec<_>>().join(" > ")),
        }
    }
}

/// Returns the usual source text of tokens.
///
/// `to_string` would put a space between any two.
pub(super) fn source(tokens: &TokenStream) -> String {
    let mut text = String::new();
    for tree in tokens.clone() {
        let next = match &tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                format!("{open}{}{close}", source(&group.stream()))
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => ", ".to_owned(),
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Alone => {
                // A second colon ends the `::` of a path.
                if text.ends_with(':') { ":".to_owned() } else { ": ".to_owned() }
            }
            TokenTree::Punct(punct) if matches!(punct.as_char(), '>' | '<') => format!(" {punct} "),
            TokenTree::Punct(punct) if punct.as_char() == '=' && !text.ends_with('.') => " = ".to_owned(),
            other => other.to_string(),
        };
        let is_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || matches!(char, '_' | '"'));
        if is_word(text.chars().last()) && is_word(next.chars().next()) {
            text.push(' ');
        }
        text.push_str(&next);
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn a_value_is_written_in_the_form_of_its_key() {
        let cases = [
            (ValueForm::Text, quote!("a b"), "\"a b\""),
            (ValueForm::Text, quote!(["a"]), "\"a\""),
            (ValueForm::Text, quote!(greet), "\"greet\""),
            (ValueForm::Text, quote!(1.5), "\"1.5\""),
            (ValueForm::Text, quote!('x'), "\"x\""),
            (ValueForm::Text, quote!(CONST), "\"…\""),
            (ValueForm::Text, quote!(concat!("a")), "\"…\""),
            (ValueForm::Texts, quote!("a b,c"), r#"["a", "b", "c"]"#),
            (ValueForm::Texts, quote!(&["a", "b"]), r#"["a", "b"]"#),
            (ValueForm::Texts, quote!(("a", ["b"])), r#"["a", "b"]"#),
            (ValueForm::Texts, quote!(CONST), r#"["…"]"#),
            (ValueForm::Range, quote!(1..=5), "1..=5"),
            (ValueForm::Range, quote!((-1.5..)), "-1.5.."),
            (ValueForm::Range, quote!("1..10"), "1..10"),
            (ValueForm::Range, quote!([1, 5]), "1..=5"),
            (ValueForm::Range, quote!(min = 1, max = 5), "1..=5"),
            (ValueForm::Range, quote!(min = 1), "1.."),
            (ValueForm::Range, quote!(80), "..=80"),
            (ValueForm::Range, quote!(LIMIT), "1..=5"),
            (ValueForm::Like("Server"), quote!(crate::Notes<u8>), "crate::Notes < u8 >"),
            (ValueForm::Like("Server"), quote!(), "Server"),
        ];
        for (form, value, expected) in cases {
            assert_eq!(form.of(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn tokens_are_shown_as_they_are_written() {
        for text in [r#"description = "a, b", range = 1..=5"#, r#"["a" > "b"]"#, r#"{ "a": [1, null] }"#, "a::b"] {
            let tokens: TokenStream = text.parse().expect("tokens");
            assert_eq!(source(&tokens), text);
        }
    }
}
