//! The attributes of the `mcp` framework. Their documentation is in that crate.
//!
//! An expansion has three phases, a folder each: `parse` turns tokens into syntax with spans, `model` turns syntax
//! into a server that obeys every rule, `expand` turns that into code and cannot fail. Mistakes are collected in
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
use self::model::Server;
use self::parse::{Block, Parameter};

/// Makes an `impl` block an MCP server. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn server(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand_server(attribute.into(), &item.into()).into()
}

/// Makes a method of a server a tool. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn tool(_: TokenStream, item: TokenStream) -> TokenStream {
    stray_tool(&item.into()).into()
}

/// A method that nobody took the attribute off.
fn stray_tool(item: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let error = syn::Error::new(
        proc_macro2::Span::call_site(),
        "`#[mcp::tool]` is for a method in an `impl` block that is annotated with `#[mcp::server]`",
    );
    let error = error.into_compile_error();
    match syn::parse2::<ImplItemFn>(item.clone()) {
        Ok(mut method) => {
            // What else is wrong with the parameters is for when it is a tool.
            Parameter::take_all(&mut method.sig, &mut Errors::default());
            quote!(#method #error)
        }
        Err(_) => quote!(#item #error),
    }
}

fn expand_server(attribute: proc_macro2::TokenStream, item: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let block = match Block::parse(attribute, item.clone(), &mut errors) {
        Ok(block) => block,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#item #error);
        }
    };
    let server = Server::new(&block, &mut errors);
    match (server, errors.into_compile_errors()) {
        (Some(server), None) => expand::expand(&block, &server),
        (_, errors) => expand::fallback(&block, &errors.unwrap_or_default()),
    }
}
