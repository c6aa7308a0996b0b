//! The scopes of the rows, and the constants that hold them.

use mcp_core::{Refusal, Scope};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{GenericParam, Generics, Type};

use super::guard;
use super::literal::text;
use crate::model::{Block, Item, Owner, Protection};

/// The way in which the rows of a block name their scopes.
pub(super) enum Scopes<'a> {
    /// The block is that of an open server.
    None,
    /// The block is that of a protected server, so that all scopes of every row are known.
    Sets {
        protection: &'a Protection,
        /// The scopes of each set beyond the required ones, of which the first has none.
        sets: Vec<Vec<&'a Scope>>,
    },
    /// The block is a part of a server, whose own scopes stand elsewhere.
    Further {
        block: &'a Block,
        of: &'a Type,
        /// Set where `of` names parameters of the block, which a constant of its own could not.
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
        let mut sets = vec![vec![]];
        for item in &block.items {
            let further = further(protection, item);
            if !sets.contains(&further) {
                sets.push(further);
            }
        }
        Self::Sets { protection, sets }
    }

    /// Returns the constant of the scopes that every request to a protected server needs.
    pub(super) fn required() -> Ident {
        set_name(&[])
    }

    /// Writes the builder call of a row.
    pub(super) fn of(&self, item: &Item) -> TokenStream {
        match self {
            Self::None => TokenStream::new(),
            Self::Sets { protection, .. } => {
                let set = set_name(&further(protection, item));
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

    /// Writes the constants beside the tables: the sets, or assertions about the server.
    pub(super) fn constants(&self) -> TokenStream {
        match self {
            Self::None => TokenStream::new(),
            Self::Sets { protection, sets } => {
                let url = protection.resource.metadata_url();
                let sets = sets.iter().map(|further| {
                    let name = set_name(further);
                    // The scopes of the server come first: a client that lacks one is told all of them at once.
                    let scopes: Vec<&str> =
                        protection.required.iter().chain(further.iter().copied()).map(Scope::as_str).collect();
                    let asked = protection.ask(&scopes);
                    let challenge = text(&Refusal::InsufficientScope.challenge(&url, &asked, protection.dpop));
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

/// Returns the scopes of an item beyond those of its server.
fn further<'a>(protection: &Protection, item: &'a Item) -> Vec<&'a Scope> {
    item.scopes.iter().map(|(_, scope)| scope).filter(|scope| !protection.required.contains(scope)).collect()
}

/// Writes assertions about the server: it declares the scopes, and hides the item from somebody.
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
    let hidden = item.hidden.as_ref().zip(guard::hiding_conditions(item)).map(|(key, by_guards)| {
        let scopes = item.scopes.iter().map(|(_, scope)| scope.as_str());
        let by_scopes = (!item.scopes.is_empty()).then(|| quote!(!(#(#protection.is_everyones(#scopes))&&*)));
        let message = if by_scopes.is_some() {
            format!(
                "every caller that is let in has the scopes of this {kind}, so it is hidden from nobody; name a scope that \
                 `{server}` does not require, or remove `hidden`"
            )
        } else {
            format!(
                "the guards of this {kind} decide by arguments, so it is hidden from nobody; name a guard of `{server}` that \
                 decides without, or remove `hidden`"
            )
        };
        let conditions = by_guards.into_iter().chain(by_scopes);
        assertion(key.span(), quote!(#(#conditions)||*), &message)
    });
    declared.chain(hidden).collect()
}

/// Returns `true` if a type names one of the parameters.
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

/// Limits the scopes in the name of a constant. Longer ones are cut, and told apart by their hash.
const MAX_NAME: usize = 64;

/// Returns the name of the constant of the required scopes and `further` ones.
///
/// It depends on the further ones alone, so that another set does not change it.
fn set_name(further: &[&Scope]) -> Ident {
    if further.is_empty() {
        return Ident::new("__REQUIRED_SCOPES", Span::call_site());
    }
    let scopes = further.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let mut name = scopes.to_ascii_uppercase().replace(' ', "__").replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    // Only a name of plain scopes can be read back as these. No such name has three underscores in a row.
    if name.len() > MAX_NAME || !further.iter().all(|scope| is_plain(scope)) {
        name.truncate(MAX_NAME);
        name = format!("{name}___{:016X}", hash(&scopes));
    }
    Ident::new(&format!("__SCOPES_{name}"), Span::call_site())
}

/// Returns `true` if a scope is lowercase words between colons, such as `notes:read`.
fn is_plain(scope: &Scope) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    scope.as_str().split(':').all(is_word)
}

/// Returns the FNV-1a hash of a text, which no release of Rust changes.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn name(scopes: &[&str]) -> String {
        let scopes: Vec<Scope> = scopes.iter().map(|scope| Scope::parse(*scope).expect("a scope")).collect();
        set_name(&scopes.iter().collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn a_set_is_named_after_its_scopes() {
        assert_eq!(name(&[]), "__REQUIRED_SCOPES");
        assert_eq!(name(&["notes:write"]), "__SCOPES_NOTES_WRITE");
        assert_eq!(name(&["notes:write", "notes:share"]), "__SCOPES_NOTES_WRITE__NOTES_SHARE");
        assert_eq!(name(&["notes.write"]), "__SCOPES_NOTES_WRITE___C878B7E393FE97DB");
    }

    #[test]
    fn other_scopes_have_another_name() {
        let long = "a".repeat(MAX_NAME);
        let sets: [&[&str]; 18] = [
            &["a:b"],
            &["a_b"],
            &["a.b"],
            &["a/b"],
            &["A:b"],
            &["a:B"],
            &["ab"],
            &["a", "b"],
            &["b", "a"],
            &["a::b"],
            &["a__b"],
            &["a:", "b"],
            &["a", ":b"],
            &["a:b:"],
            &["required"],
            &[&long],
            &[&long, "a"],
            &[&long, "b"],
        ];
        let names: HashSet<String> = sets.iter().map(|set| name(set)).collect();
        assert_eq!(names.len(), sets.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() <= "__SCOPES_".len() + MAX_NAME + "___".len() + 16), "{names:?}");
    }
}
