//! The phases of an expansion, in order.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::errors::Errors;
use crate::parse::{Annotation, Block, BlockAttribute, Function, Parameter, PartAttribute, ServerAttribute};
use crate::{expand, model, parse};

/// Expands the attribute of a method outside of an annotated block.
pub(crate) fn stray(annotation: Annotation, attribute: &TokenStream, item: TokenStream) -> TokenStream {
    if attribute.to_string() == expand::IMPORTED {
        return TokenStream::new();
    }
    let error = syn::Error::new(
        Span::call_site(),
        format_args!(
            "`#[mcp::{annotation}]` is for a method in an `impl` block that is annotated with `#[mcp::server]` or `#[mcp::part]`"
        ),
    );
    let error = error.into_compile_error();
    match syn::parse2::<Function>(item.clone()) {
        Ok(mut method) => {
            // Errors of the parameters are reported once the method is in a block.
            Parameter::take_all(&mut method.sig, &mut Errors::default());
            quote!(#method #error)
        }
        Err(_) => {
            let item = parse::without_own(item, None);
            quote!(#item #error)
        }
    }
}

/// Expands `#[mcp::server]`.
pub(crate) fn expand_server(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Server(Box::new(ServerAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

/// Expands `#[mcp::part]`.
pub(crate) fn expand_part(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Part(Box::new(PartAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

fn expand(attribute: BlockAttribute, item: TokenStream, mut errors: Errors) -> TokenStream {
    let block = match Block::parse(attribute, item, &mut errors) {
        Ok(block) => block,
        Err(item) => {
            let errors = errors.into_compile_errors();
            return quote!(#item #errors);
        }
    };
    let model = model::Block::new(&block, &mut errors);
    match (model, errors.into_compile_errors()) {
        (Some(model), None) => expand::expand(&block, &model),
        (_, errors) => expand::fallback(&block, &errors.unwrap_or_default()),
    }
}
