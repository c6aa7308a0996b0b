//! `impl` blocks with their items as tokens.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Generics, ItemImpl, Path, Token, Type, TypeGroup, TypeParen, WhereClause};

/// An `impl` block whose items are tokens.
pub(crate) struct ImplBlock {
    pub(crate) attrs: Vec<Attribute>,
    /// The tokens before the braces.
    head: TokenStream,
    pub(crate) generics: Generics,
    pub(crate) trait_: Option<Path>,
    pub(crate) self_ty: Box<Type>,
    /// The braces, or another token in their place.
    body: TokenTree,
    pub(crate) items: Vec<TokenStream>,
}

impl ImplBlock {
    /// Parses a block. Returns it without items, and the tokens in its braces.
    ///
    /// Returns `None` if the type of the block is unknown.
    pub(crate) fn parse(item: TokenStream) -> Option<(Self, Option<TokenStream>)> {
        let mut trees = flatten(item);
        let body = trees.pop()?;
        let head: TokenStream = trees.into_iter().collect();
        let (attrs, head) =
            (|input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?)))
                .parse2(head)
                .ok()?;
        let (generics, trait_, mut self_ty) = match syn::parse2::<ItemImpl>(quote!(#head {})) {
            Ok(block) => (block.generics, block.trait_.map(|(path, _)| path), block.self_ty),
            Err(_) => recover.parse2(head.clone()).ok()?,
        };
        // The `+` in `impl Trait for Type +` would be in front of other tokens in generated code.
        if let Type::TraitObject(object) = &mut *self_ty {
            object.bounds.pop_punct();
        }
        let contents = match &body {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        };
        Some((Self { attrs, head, generics, trait_, self_ty, body, items: Vec::new() }, contents))
    }

    /// Returns `true` if the type can have a block.
    ///
    /// A reference, an array and a generic parameter cannot.
    pub(super) fn is_of_a_type_with_name(&self) -> bool {
        let mut ty = &*self.self_ty;
        while let Type::Group(TypeGroup { elem, .. }) | Type::Paren(TypeParen { elem, .. }) = ty {
            ty = elem;
        }
        match ty {
            Type::Path(ty) => !self.generics.type_params().any(|parameter| ty.path.is_ident(&parameter.ident)),
            Type::TraitObject(_) | Type::Macro(_) | Type::Verbatim(_) => true,
            _ => self.trait_.is_some(),
        }
    }

    /// Returns `true` if an attribute in the block contains `word`.
    pub(crate) fn has_attribute_with(&self, word: &str) -> bool {
        let is_attribute =
            |tree: &TokenTree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
        let attributes = self.items.iter().cloned().flatten().filter(is_attribute);
        attributes.chain(self.attrs.iter().flat_map(ToTokens::to_token_stream)).any(|tree| has_word(tree.into(), word))
    }
}

/// Returns `true` if the tokens contain `word`, at any depth.
fn has_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(group.stream(), word),
        _ => false,
    })
}

/// Parses the head of a block that syn refuses, unlike rustc.
fn recover(input: ParseStream<'_>) -> syn::Result<(Generics, Option<Path>, Box<Type>)> {
    while !input.peek(Token![impl]) {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Token![impl]>()?;
    let mut generics: Generics = input.parse()?;
    input.parse::<Option<Token![const]>>()?;
    input.parse::<Option<Token![!]>>()?;
    let mut ty = input.call(Type::without_plus)?;
    let mut path = None;
    if input.parse::<Option<Token![for]>>()?.is_some() {
        path = match ty {
            Type::Path(ty) => Some(ty.path),
            other => return Err(syn::Error::new_spanned(other, "expected a trait")),
        };
        ty = input.call(Type::without_plus)?;
    }
    if let Ok(clause) = input.parse::<WhereClause>() {
        generics.where_clause = Some(clause);
    }
    input.parse::<TokenStream>()?;
    Ok((generics, path, Box::new(ty)))
}

/// Returns the keyword of an item, such as `impl` or `fn`.
pub(super) fn keyword(item: &TokenStream) -> Option<Ident> {
    const KEYWORDS: &[&str] =
        &["impl", "struct", "enum", "union", "trait", "fn", "mod", "type", "const", "static", "use", "extern"];
    let mut words = flatten(item.clone()).into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    let first = words.find(|word| KEYWORDS.iter().any(|keyword| word == keyword))?;
    // `const` and `extern` are also qualifiers of functions and blocks.
    let qualified =
        if first == "const" || first == "extern" { words.find(|word| word == "fn" || word == "impl") } else { None };
    Some(qualified.unwrap_or(first))
}

/// Returns the tokens of an item, without groups of declarative macros.
fn flatten(item: TokenStream) -> Vec<TokenTree> {
    let trees: Vec<TokenTree> = item.into_iter().collect();
    match &*trees {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => flatten(group.stream()),
        _ => trees,
    }
}

impl ToTokens for ImplBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (outer, inner): (Vec<_>, Vec<_>) =
            self.attrs.iter().partition(|attribute| matches!(attribute.style, syn::AttrStyle::Outer));
        tokens.append_all(outer);
        self.head.to_tokens(tokens);
        match &self.body {
            TokenTree::Group(braces) => {
                let items = &self.items;
                let mut contents = Group::new(Delimiter::Brace, quote!(#(#inner)* #(#items)*));
                contents.set_span(braces.span());
                contents.to_tokens(tokens);
            }
            end => end.to_tokens(tokens),
        }
    }
}
