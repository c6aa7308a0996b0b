//! The attributes of the `mcp` framework. Their documentation is in that crate.
//!
//! An expansion has three phases, a folder each: `parse` turns tokens into syntax with spans, `model` turns syntax
//! into a block that obeys every rule, `expand` turns that into code and cannot fail. Mistakes are collected in
//! `errors::Errors` and reported together.

#[cfg(test)]
mod damage;
mod errors;
mod expand;
mod model;
mod parse;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;
use quote::quote;

use self::errors::Errors;
use self::parse::{Block, BlockAttribute, Function, Kind, Parameter, PartAttribute, ServerAttribute};

/// Makes an `impl` block an MCP server. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn server(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_server(attribute.into(), item.into()).into()
}

/// Makes an `impl` block a part of an MCP server. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn part(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_part(attribute.into(), item.into()).into()
}

/// Makes a method a tool. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn tool(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Tool, &attribute.into(), item.into()).into()
}

/// Makes a method a resource. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn resource(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Resource, &attribute.into(), item.into()).into()
}

/// Makes a method a prompt. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn prompt(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Prompt, &attribute.into(), item.into()).into()
}

/// Makes a method complete an argument. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn completion(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Kind::Completion, &attribute.into(), item.into()).into()
}

/// An attribute that no block took off.
fn stray(kind: Kind, attribute: &proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    if attribute.to_string() == expand::IMPORTED {
        return proc_macro2::TokenStream::new();
    }
    let error = syn::Error::new(
        proc_macro2::Span::call_site(),
        format_args!(
            "`#[mcp::{kind}]` is for a method in an `impl` block that is annotated with `#[mcp::server]` or `#[mcp::part]`"
        ),
    );
    let error = error.into_compile_error();
    match syn::parse2::<Function>(item.clone()) {
        Ok(mut method) => {
            // What else is wrong with the parameters is for when it is in a block.
            Parameter::take_all(&mut method.sig, &mut Errors::default());
            quote!(#method #error)
        }
        Err(_) => {
            let item = parse::without_own(item, None);
            quote!(#item #error)
        }
    }
}

fn expand_server(attribute: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Server(Box::new(ServerAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

fn expand_part(attribute: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let attribute = BlockAttribute::Part(Box::new(PartAttribute::parse(attribute, &mut errors)));
    expand(attribute, item, errors)
}

fn expand(attribute: BlockAttribute, item: proc_macro2::TokenStream, mut errors: Errors) -> proc_macro2::TokenStream {
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
