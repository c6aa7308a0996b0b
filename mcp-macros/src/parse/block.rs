use proc_macro2::TokenStream;
use syn::{Attribute, ImplItem, Item, ItemImpl, Path};

use super::method::{Method, cfgs, is_own};
use super::{PartAttribute, ServerAttribute};
use crate::errors::Errors;

/// An annotated `impl` block, taken apart.
pub(crate) struct Block {
    pub(crate) attribute: BlockAttribute,
    /// The block without this framework's attributes: what the user would have written without it.
    pub(crate) item: ItemImpl,
    pub(crate) methods: Vec<Method>,
}

/// What makes a block one of this framework.
pub(crate) enum BlockAttribute {
    Server(Box<ServerAttribute>),
    Part(Box<PartAttribute>),
}

impl BlockAttribute {
    /// The name of the attribute, which is also the word for the block.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Server(_) => "server",
            Self::Part(_) => "part",
        }
    }

    /// How this crate is called.
    pub(crate) fn krate(&self) -> Option<&Path> {
        match self {
            Self::Server(server) => server.krate.as_ref(),
            Self::Part(part) => part.krate.as_ref(),
        }
    }
}

impl Block {
    /// Fails only where there is no block to go on with.
    pub(crate) fn parse(attribute: BlockAttribute, item: TokenStream, errors: &mut Errors) -> syn::Result<Self> {
        let name = attribute.name();
        let mut item = match syn::parse2::<Item>(item)? {
            Item::Impl(item) => item,
            other => {
                return Err(syn::Error::new_spanned(
                    keyword(&other),
                    format_args!("`#[mcp::{name}]` is for an `impl` block; put it on the one that has the methods"),
                ));
            }
        };
        if let Some((path, _)) = &item.trait_ {
            errors.at(
                path,
                format_args!(
                    "`#[mcp::{name}]` is for an `impl` block without a trait; move the methods into one of the type's own"
                ),
            );
        }
        let krate = attribute.krate();
        item.attrs.retain(|attribute| {
            let again = ["server", "part"].into_iter().find(|name| is_own(name, attribute.path(), krate));
            match again {
                Some(again) if again == name => {
                    errors.at(attribute, format_args!("`#[mcp::{name}]` is given twice; put everything into one"));
                }
                Some(_) => {
                    errors.at(attribute, "a block is a server, or a part of one; remove one of the attributes");
                }
                None => {}
            }
            again.is_none()
        });
        let methods = (item.items.iter_mut())
            .filter_map(|item| match item {
                ImplItem::Fn(method) => Method::take(method, krate, errors),
                _ => None,
            })
            .collect();
        Ok(Self { attribute, item, methods })
    }

    /// The `#[cfg]`s of the whole block.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        cfgs(&self.item.attrs)
    }
}

/// The part of an item to point at.
fn keyword(item: &Item) -> TokenStream {
    use quote::ToTokens as _;
    match item {
        Item::Struct(item) => item.struct_token.to_token_stream(),
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn nothing_of_ours_is_left_in_the_block() {
        let block: ItemImpl = parse_quote! {
            impl Notes {
                /// Add a note.
                #[mcp::tool(nonsense)]
                #[inline]
                fn add(&self, /** The text. */ #[arg(nonsense)] #[mcp::arg(nonsense)] #[allow(unused)] text: String) {}

                #[rmcp::tool]
                fn list(&self, /** How many. */ #[arg(default = 1)] limit: u8) {}

                #[mcp::resource("notes://{id}")]
                fn note(&self, #[arg(name = "id")] key: u64) {}

                #[mcp::prompt]
                #[mcp::completion]
                fn twice(&self) {}

                fn other(&self, #[allow(unused)] text: String) {}
            }
        };
        let mut errors = Errors::default();
        let attribute = BlockAttribute::Server(Box::default());
        let block = Block::parse(attribute, quote::quote!(#block), &mut errors);
        let item = block.map(|block| block.item).expect("a block");
        let expected: ItemImpl = parse_quote! {
            impl Notes {
                /// Add a note.
                #[inline]
                fn add(&self, #[allow(unused)] text: String) {}

                fn list(&self, limit: u8) {}

                fn note(&self, key: u64) {}

                fn twice(&self) {}

                fn other(&self, #[allow(unused)] text: String) {}
            }
        };
        assert_eq!(quote::quote!(#item).to_string(), quote::quote!(#expected).to_string());
        assert_eq!(errors.messages().len(), 5);
    }
}
