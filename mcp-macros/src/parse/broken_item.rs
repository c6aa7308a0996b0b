//! Items of a block with syntax errors.
//!
//! rustc parses a block before its attribute is expanded, so it has reported these errors.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Generics, Ident, Token, Type, Visibility, token};

use super::attributes;
use super::function::Function;

/// An item of a block with a syntax error.
pub(super) struct BrokenItem {
    /// The valid attributes.
    pub(super) attrs: Vec<Attribute>,
    tokens: Vec<TokenTree>,
    /// Set if the item has an end. Otherwise, the tokens may be two items.
    finished: bool,
}

impl BrokenItem {
    /// Skips to the next token that certainly starts another item.
    pub(super) fn skip(input: ParseStream<'_>) -> syn::Result<Self> {
        let (attrs, _) = attributes::outer(input)?;
        let mut tokens = Vec::new();
        let (mut named, mut finished) = (false, false);
        while !finished && !input.is_empty() && !begins_item(input, &tokens, named) {
            named |= input.peek(Token![fn]) && input.peek2(Ident);
            finished = input.peek(token::Brace) || input.peek(Token![;]);
            tokens.push(input.parse()?);
        }
        Ok(Self { attrs, tokens, finished })
    }

    /// Returns the tokens for the expansion, if rustc recovers from their error.
    ///
    /// rustc must continue after them as if they were valid, and must not report them a second time.
    pub(super) fn recovered(self) -> Option<TokenStream> {
        let Self { attrs, tokens, finished } = self;
        if !finished {
            return None;
        }
        let position = position_of_parameters(&tokens);
        let (before, rest) = tokens.split_at(position.unwrap_or(tokens.len()));
        let (parameters, behind) = match rest {
            [TokenTree::Group(parameters), behind @ ..] => (Some(parameters), behind),
            _ => (None, rest),
        };
        // rustc parses these and refuses them later, so it has not reported them yet.
        let lenient = with_bounds(tokens.iter().cloned().collect());
        if syn::parse2::<Function>(lenient.clone()).is_ok() || syn::parse2::<Constant>(lenient).is_ok() {
            let parameters = parameters.map(attributes::plain_parameters);
            return Some(quote!(#(#attrs)* #(#before)* #parameters #(#behind)*));
        }
        // rustc gives a broken parameter an unknown type. It reports the parameter once if the tokens are unchanged.
        let parameters = parameters?;
        if attributes::plain_parameters(parameters).to_string() != parameters.to_string() {
            return None;
        }
        let others = with_bounds(quote!(#(#before)* () #(#behind)*));
        syn::parse2::<Function>(others).is_ok().then(|| quote!(#(#attrs)* #(#tokens)*))
    }
}

/// Returns `true` if another item begins after these tokens.
///
/// Tokens that could continue a type do not count.
fn begins_item(input: ParseStream<'_>, tokens: &[TokenTree], is_behind_name: bool) -> bool {
    let Some(previous) = tokens.last() else { return false };
    if input.peek(Token![#]) && input.peek2(token::Bracket) {
        return true;
    }
    let function = input.peek(Token![pub]) || input.peek(Token![async]) || input.peek(Token![fn]) && input.peek2(Ident);
    let constant = input.peek(Token![const]) && input.peek2(Ident) && input.peek3(Token![:]);
    let is_parameter = matches!(previous, TokenTree::Punct(punct) if punct.as_char() == '<' || punct.as_char() == ',');
    is_behind_name && (function || constant && !is_parameter || input.peek(Token![type]))
}

/// Returns the position of the parentheses after a function's generics.
fn position_of_parameters(tokens: &[TokenTree]) -> Option<usize> {
    let name = tokens.iter().position(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "fn"))?;
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (position, tree) in tokens.iter().enumerate().skip(name) {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && depth == 0 => {
                return Some(position);
            }
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if previous != '-' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                previous = punct.as_char();
            }
            _ => {}
        }
    }
    None
}

/// Replaces `impl` and `dyn` without bounds by `()`.
///
/// rustc parses both, and syn does not.
fn with_bounds(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.into_iter().peekable();
    let mut complete = TokenStream::new();
    while let Some(tree) = trees.next() {
        let ends = match trees.peek() {
            None => true,
            Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | '>' | ';' | '='),
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
            Some(TokenTree::Ident(ident)) => ident == "where",
            Some(TokenTree::Literal(_)) => false,
        };
        match tree {
            TokenTree::Ident(ident) if ends && (ident == "impl" || ident == "dyn") => complete.extend(quote!(())),
            TokenTree::Group(group) => {
                complete.extend([TokenTree::Group(Group::new(group.delimiter(), with_bounds(group.stream())))]);
            }
            tree => complete.extend([tree]),
        }
    }
    complete
}

/// A constant that rustc parses, even without a type.
struct Constant;

impl Parse for Constant {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Visibility>()?;
        input.parse::<Token![const]>()?;
        input.parse::<Ident>()?;
        input.parse::<Generics>()?;
        if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            if !input.peek(Token![=]) && !input.peek(Token![;]) {
                input.parse::<Type>()?;
            }
        }
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            input.parse::<Expr>()?;
        }
        input.parse::<Token![;]>()?;
        Ok(Self)
    }
}
