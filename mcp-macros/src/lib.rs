//! The attributes of the `mcp` framework. Their documentation is in that crate.
//!
//! An expansion has three phases, a folder each: `parse` turns tokens into syntax with spans, `model` turns syntax
//! into a block that obeys every rule, `expand` turns that into code and cannot fail. Mistakes are collected in
//! `errors::Errors` and reported together. `expansion` puts the three together, with tokens that need no compiler.

#[cfg(test)]
mod damage;
mod errors;
mod expand;
mod expansion;
mod model;
mod parse;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

use self::expansion::{expand_part, expand_server, stray};
use self::parse::Kind;

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
