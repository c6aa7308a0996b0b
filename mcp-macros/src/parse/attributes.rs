//! Attributes as tokens, for items that cannot be parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Path, Token, token};

use super::method::{is_own, own_annotation};

/// Parses the attributes of an item. Returns the valid ones, and `true` if all are.
pub(super) fn outer(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, bool)> {
    let (mut attributes, mut complete) = (Vec::new(), true);
    while input.peek(Token![#]) && input.peek2(token::Bracket) {
        let (pound, brackets) = (input.parse::<TokenTree>()?, input.parse::<TokenTree>()?);
        match Attribute::parse_outer.parse2(TokenStream::from_iter([pound, brackets])) {
            Ok(read) => attributes.extend(read),
            Err(_) => complete = false,
        }
    }
    Ok((attributes, complete))
}

/// Parses the inner attributes of a block. Returns the valid ones, and `true` if all are.
pub(super) fn inner(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, bool)> {
    let (mut attributes, mut complete) = (Vec::new(), true);
    while input.peek(Token![#]) && input.peek2(Token![!]) && input.peek3(token::Bracket) {
        let trees: [TokenTree; 3] = [input.parse()?, input.parse()?, input.parse()?];
        match Attribute::parse_inner.parse2(TokenStream::from_iter(trees)) {
            Ok(read) => attributes.extend(read),
            Err(_) => complete = false,
        }
    }
    Ok((attributes, complete))
}

/// Removes this framework's attributes from tokens.
///
/// Annotated blocks keep them, because their own expansion removes them.
pub(crate) fn without_own(tokens: TokenStream, krate: Option<&Path>) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut trees = tokens.into_iter().peekable();
    // The owner of the next groups. Parentheses before `fn` belong to a visibility.
    let (mut of_method, mut behind_fn, mut of_block) = (false, false, false);
    while let Some(tree) = trees.next() {
        let path = match (&tree, trees.peek()) {
            (TokenTree::Punct(punct), Some(TokenTree::Group(group))) if punct.as_char() == '#' => path_in(group),
            _ => None,
        };
        if let Some(path) = path {
            if own_annotation(&path, krate).is_some() {
                (of_method, behind_fn) = (true, false);
                trees.next();
                continue;
            }
            of_block |= ["server", "part"].into_iter().any(|name| is_own(name, &path, krate));
        }
        behind_fn |= matches!(&tree, TokenTree::Ident(ident) if ident == "fn");
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && of_block => {
                of_block = false;
                group.to_tokens(&mut kept);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && of_method && behind_fn => {
                of_method = false;
                plain_parameters(&group).to_tokens(&mut kept);
            }
            TokenTree::Group(group) => map(&group, |tokens| without_own(tokens, krate)).to_tokens(&mut kept),
            tree => tree.to_tokens(&mut kept),
        }
    }
    kept
}

/// Removes `#[arg]` and doc comments from parameters.
pub(super) fn plain_parameters(parameters: &Group) -> Group {
    map(parameters, |tokens| {
        let mut kept = TokenStream::new();
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match (&tree, trees.peek()) {
                (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                    if punct.as_char() == '#' && path_in(group).is_some_and(|path| is_for_parameter(&path)) =>
                {
                    trees.next();
                }
                _ => tree.to_tokens(&mut kept),
            }
        }
        kept
    })
}

fn is_for_parameter(path: &Path) -> bool {
    path.is_ident("doc") || path.segments.last().is_some_and(|last| last.ident == "arg")
}

/// Returns the path of the attribute in the brackets.
fn path_in(brackets: &Group) -> Option<Path> {
    let path = |input: ParseStream<'_>| {
        let path = input.call(Path::parse_mod_style)?;
        input.parse::<TokenStream>()?;
        Ok(path)
    };
    (brackets.delimiter() == Delimiter::Bracket).then(|| path.parse2(brackets.stream()).ok()).flatten()
}

/// Returns the group with other contents.
///
/// An unchanged group keeps the spans of its delimiters, because rustc may have reported them before.
fn map(group: &Group, contents: impl FnOnce(TokenStream) -> TokenStream) -> Group {
    let (old, new) = (group.stream(), contents(group.stream()));
    if old.to_string() == new.to_string() {
        return group.clone();
    }
    let mut mapped = Group::new(group.delimiter(), new);
    mapped.set_span(group.span());
    mapped
}
