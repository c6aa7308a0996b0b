use mcp_core::{Refusal, Scope};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Type};

use super::literal::text;
use crate::model::{Block, Item, Owner, Protection};

/// How the rows of a block say what scopes they need.
pub(super) enum Scopes<'a> {
    /// The block is that of an open server.
    None,
    /// The block is that of a protected server, so that all scopes of every row are known.
    Sets {
        protection: &'a Protection,
        /// All scopes of an operation; the first set is what every request needs.
        sets: Vec<Vec<&'a Scope>>,
    },
    /// The block is a part of a server, whose own scopes stand elsewhere.
    Further {
        block: &'a Block,
        of: &'a Type,
        /// Whether `of` names parameters of the block, which a constant of its own could not.
        is_generic: bool,
    },
}

impl<'a> Scopes<'a> {
    pub(super) fn new(block: &'a Block, generics: &Generics) -> Self {
        let protection = match &block.owner {
            Owner::Part { of } => return Self::Further { block, of, is_generic: mentions(of, generics) },
            Owner::Server(server) => server.protection.as_ref(),
        };
        let Some(protection) = protection else { return Self::None };
        let mut sets = vec![protection.required.iter().collect()];
        for item in &block.items {
            let needed = needed(protection, item);
            if !sets.contains(&needed) {
                sets.push(needed);
            }
        }
        Self::Sets { protection, sets }
    }

    /// The constant that holds what every request to a protected server needs.
    pub(super) fn required() -> Ident {
        set_name(0)
    }

    /// What a row says.
    pub(super) fn of(&self, item: &Item) -> TokenStream {
        match self {
            Self::None => TokenStream::new(),
            Self::Sets { protection, sets } => {
                let needed = needed(protection, item);
                // A set that is not there would not compile.
                let set = set_name(sets.iter().take_while(|set| **set != needed).count());
                quote!(.scopes(#set))
            }
            Self::Further { .. } if item.scopes.is_empty() => TokenStream::new(),
            Self::Further { of, is_generic, .. } => {
                let scopes = item.scopes.iter().map(|(_, scope)| scope.as_str());
                if *is_generic {
                    let assertions = assertions(item, of);
                    quote!(.further_scopes(const { #(#assertions;)* &[#(#scopes),*] }))
                } else {
                    quote!(.further_scopes(&[#(#scopes),*]))
                }
            }
        }
    }

    /// What stands beside the tables: the sets, or that the server declares what the rows name.
    pub(super) fn constants(&self) -> TokenStream {
        match self {
            Self::None => TokenStream::new(),
            Self::Sets { protection, sets } => {
                let url = protection.resource.metadata_url();
                let sets = sets.iter().enumerate().map(|(index, set)| {
                    let name = set_name(index);
                    let scopes: Vec<&str> = set.iter().map(|scope| scope.as_str()).collect();
                    let asked = protection.ask(&scopes);
                    let challenge = text(&Refusal::InsufficientScope.challenge(&url, &asked));
                    quote! {
                        const #name: &__mcp::ScopeSet = &__mcp::ScopeSet {
                            scopes: &[#(#scopes),*],
                            challenge: #challenge,
                        };
                    }
                });
                sets.collect()
            }
            Self::Further { is_generic: true, .. } => TokenStream::new(),
            Self::Further { block, of, is_generic: false } => {
                let assertions = block.items.iter().flat_map(|item| {
                    let cfgs = &item.cfgs;
                    assertions(item, of).into_iter().map(move |assertion| quote!(#(#cfgs)* const _: () = #assertion;))
                });
                assertions.collect()
            }
        }
    }
}

/// The scopes of the server, then those of the item: a client that lacks one is told all of them at once.
fn needed<'a>(protection: &'a Protection, item: &'a Item) -> Vec<&'a Scope> {
    let required = &protection.required;
    let further = item.scopes.iter().map(|(_, scope)| scope).filter(|scope| !required.contains(scope));
    required.iter().chain(further).collect()
}

/// What the server alone can tell: that it declares the scopes, and that the item is hidden from somebody.
fn assertions(item: &Item, of: &Type) -> Vec<TokenStream> {
    let kind = item.kind();
    let server = of.to_token_stream().to_string().replace(' ', "");
    let protection = quote!(<#of as __mcp::HasScopedParts>::PROTECTION);
    let assertion = |span: Span, condition: TokenStream, message: &str| {
        let message = text(&message.replace('{', "{{").replace('}', "}}"));
        quote_spanned!(span=> ::core::assert!(#condition, #message))
    };
    let declared = item.scopes.iter().map(|(literal, scope)| {
        let scope = scope.as_str();
        let message = format!(
            "this {kind} names the scope `{scope}`, which `{server}` does not declare; add it there: `optional_scopes = \
             [\"{scope}\"]`"
        );
        assertion(literal.span(), quote!(#protection.declares(#scope)), &message)
    });
    let hidden = item.hidden.as_ref().map(|key| {
        let scopes = item.scopes.iter().map(|(_, scope)| scope.as_str());
        let message = format!(
            "every caller that is let in has the scopes of this {kind}, so it is hidden from nobody; name a scope that \
             `{server}` does not require, or remove `hidden`"
        );
        assertion(key.span(), quote!(!(#(#protection.is_everyones(#scopes))&&*)), &message)
    });
    declared.chain(hidden).collect()
}

/// Whether a type names one of the parameters.
fn mentions(ty: &Type, generics: &Generics) -> bool {
    fn has(tokens: TokenStream, names: &[String]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => names.contains(&ident.to_string()),
            TokenTree::Group(group) => has(group.stream(), names),
            _ => false,
        })
    }
    let names: Vec<String> = (generics.params.iter())
        .map(|param| match param {
            GenericParam::Lifetime(param) => param.lifetime.ident.to_string(),
            GenericParam::Type(param) => param.ident.to_string(),
            GenericParam::Const(param) => param.ident.to_string(),
        })
        .collect();
    has(ty.to_token_stream(), &names)
}

fn set_name(index: usize) -> Ident {
    format_ident!("__SCOPES_{index}", span = Span::call_site())
}
