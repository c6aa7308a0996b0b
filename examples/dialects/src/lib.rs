//! A server with the types that parameters and results have in practice, to test clients with their schemas.
//!
//! Run it with `cargo run -p dialects`. Each tool returns what it is given, so that a client can call it and compare.
//! `examples.json` beside this package's manifest has calls for every tool, and what each of them returns as
//! `structuredContent`. Before protocol 2026-07-28 that is for objects only; any other value is then in the text alone,
//! as JSON.

#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a method does with it")]

mod collections;
mod enums;
mod foreign;
mod numbers;
mod structs;
mod values;

use mcp::Http;

/// A call and its result for every tool: `{tool: [{arguments, structuredContent}]}`.
pub const EXAMPLES: &str = include_str!("../examples.json");

/// The server. Its tools are those without a form of their own; the others are in parts, by theme.
#[derive(Debug)]
pub struct Dialects;

#[mcp::server]
impl Dialects {
    /// Take nothing and return a text.
    #[mcp::tool(read_only)]
    fn no_parameters(&self) -> &'static str {
        "done"
    }

    /// Take a text and return nothing.
    #[mcp::tool]
    fn unit_result(&self, text: String) {
        drop(text);
    }

    /// Take nothing and return nothing.
    #[mcp::tool]
    fn nothing_at_all(&self) {}

    /// Join two texts with another in between.
    #[mcp::tool(read_only)]
    fn several_parameters(
        &self,
        /// The text that comes first.
        #[arg(length = 1..=20)]
        first: String,
        /// The text that comes last.
        last: Option<String>,
        /// The text in between.
        #[arg(default = "-")]
        between: String,
        /// The number of repetitions.
        #[arg(default = 1, range = 1..=5)]
        times: u8,
    ) -> String {
        let last = last.map(|last| between + &last).unwrap_or_default();
        (first + &last).repeat(times.into())
    }
}

/// Adds all parts.
pub fn mount<V>(http: Http<Dialects, V>) -> Http<Dialects, V> {
    http.with(collections::Collections)
        .with(enums::Enums)
        .with(foreign::Foreign)
        .with(numbers::Numbers)
        .with(structs::Structs)
        .with(values::Values)
}
