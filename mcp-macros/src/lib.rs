//! The attributes of the `mcp` framework, which documents them.
//!
//! An expansion has three phases, with a folder each:
//!
//! - `parse` turns tokens into syntax with spans;
//! - `model` turns syntax into a block that obeys every rule;
//! - `expand` turns the block into code and cannot fail.
//!
//! `errors::Errors` collects mistakes, which are reported together. `expansion` runs the phases on tokens that work
//! outside of the compiler, so that tests can call it.

#[cfg(test)]
mod damage;
mod errors;
mod expand;
mod expansion;
mod model;
mod parse;
#[cfg(test)]
mod snapshots;
mod tool_error;

use proc_macro::TokenStream;

use self::expansion::{expand_part, expand_server, stray};
use self::parse::{Annotation, Kind};

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
    stray(Annotation::Item(Kind::Tool), &attribute.into(), item.into()).into()
}

/// Makes a method a resource. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn resource(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Annotation::Item(Kind::Resource), &attribute.into(), item.into()).into()
}

/// Makes a method a prompt. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn prompt(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Annotation::Item(Kind::Prompt), &attribute.into(), item.into()).into()
}

/// Makes a method a completion of an argument. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn completion(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Annotation::Item(Kind::Completion), &attribute.into(), item.into()).into()
}

/// Makes a method a guard. See the documentation of the `mcp` crate.
#[proc_macro_attribute]
pub fn guard(attribute: TokenStream, item: TokenStream) -> TokenStream {
    stray(Annotation::Guard, &attribute.into(), item.into()).into()
}

/// Implements `ToolError` for an error type. See the documentation of the `mcp` crate.
#[proc_macro_derive(ToolError, attributes(tool_error))]
pub fn tool_error(input: TokenStream) -> TokenStream {
    tool_error::derive(input.into()).into()
}
