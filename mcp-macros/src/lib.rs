//! The attributes of the `mcp` framework. Their documentation is in that crate.
//!
//! An expansion has three phases, a folder each: `parse` turns tokens into syntax with spans, `model` turns syntax
//! into a block that obeys every rule, `expand` turns that into code and cannot fail. Mistakes are collected in
//! `errors::Errors` and reported together.

mod errors;
mod expand;
mod model;
mod parse;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;
use quote::quote;
use syn::ImplItemFn;

use self::errors::Errors;
use self::parse::{Block, BlockAttribute, Kind, Parameter, PartAttribute, ServerAttribute};

/// Makes an `impl` block an MCP server. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn server(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_server(attribute.into(), &item.into()).into()
}

/// Makes an `impl` block a part of an MCP server. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn part(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_part(attribute.into(), &item.into()).into()
}

/// Makes a method a tool. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn tool(_: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Tool, &item.into()).into()
}

/// Makes a method a resource. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn resource(_: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Resource, &item.into()).into()
}

/// Makes a method a prompt. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn prompt(_: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Prompt, &item.into()).into()
}

/// Makes a method complete an argument. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn completion(_: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Completion, &item.into()).into()
}

/// A method that nobody took the attribute off.
fn stray(kind: Kind, item: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let error = syn::Error::new(
        proc_macro2::Span::call_site(),
        format_args!(
            "`#[mcp::{kind}]` is for a method in an `impl` block that is annotated with `#[mcp::server]` or `#[mcp::part]`"
        ),
    );
    let error = error.into_compile_error();
    match syn::parse2::<ImplItemFn>(item.clone()) {
        Ok(mut method) => {
            // What else is wrong with the parameters is for when it is in a block.
            Parameter::take_all(&mut method.sig, &mut Errors::default());
            quote!(#method #error)
        }
        Err(_) => quote!(#item #error),
    }
}

fn expand_server(attribute: proc_macro2::TokenStream, item: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Server(Box::new(ServerAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

fn expand_part(attribute: proc_macro2::TokenStream, item: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Part(Box::new(PartAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

fn expand(attribute: BlockAttribute, item: &proc_macro2::TokenStream, mut errors: Errors) -> proc_macro2::TokenStream {
    let block = match Block::parse(attribute, item.clone(), &mut errors) {
        Ok(block) => block,
        Err(error) => {
            errors.push(error);
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
