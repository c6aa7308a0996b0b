//! The error of blocks that do not compose.

use std::fmt;

use mcp_core::TemplateConflict;

/// The reason why blocks do not compose. Its message names the blocks and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositionError(Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    Clash { kind: Kind, key: &'static str, first: &'static str, second: &'static str },
    ForeignPart { part: &'static str, server: &'static str },
    TemplateConflict { conflict: TemplateConflict, first: &'static str, second: &'static str },
    NoFields { tool: &'static str, parameter: &'static str },
    ArgumentTwice { tool: &'static str, argument: String },
    UndeclaredScope { tool: &'static str, scope: String },
    TooManyNames { tool: String, limit: usize },
    RateWithoutCallers { tool: &'static str },
    HiddenFromNobody { tool: &'static str },
    TooManyTools { limit: usize },
    Unguarded { kind: Kind, key: &'static str, block: &'static str, server: &'static str },
}

impl CompositionError {
    pub(super) fn new(problem: Problem) -> Self {
        Self(problem)
    }

    /// Refuses a tool beyond the limit.
    pub(crate) fn too_many_tools(limit: usize) -> Self {
        Self(Problem::TooManyTools { limit })
    }

    /// Refuses a part of another server than `server`.
    pub(crate) fn foreign(part: &'static str, server: &'static str) -> Self {
        Self(Problem::ForeignPart { part, server })
    }
}

impl fmt::Display for CompositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key, first, second) = match &self.0 {
            Problem::Clash { kind, key, first, second } => (kind, key, first, second),
            Problem::Unguarded { kind, key, block, server } => {
                let (kind, _) = words(*kind);
                return write!(
                    f,
                    "the {kind} `{key}` in `{block}` needs scopes, which the open server `{server}` does not check; give \
                     the server an `issuer` and a `resource`, or remove the scopes"
                );
            }
            Problem::NoFields { tool, parameter } => {
                return write!(
                    f,
                    "the parameter `{parameter}` of the tool `{tool}` has no fields; `mcp::Fields` is for a struct with named \
                     fields, so take the type without it"
                );
            }
            Problem::ArgumentTwice { tool, argument } => {
                return write!(
                    f,
                    "the tool `{tool}` has two arguments `{argument}`; rename a parameter, or a field with \
                     `#[serde(rename = \"…\")]`"
                );
            }
            Problem::UndeclaredScope { tool, scope } => {
                return write!(
                    f,
                    "the tool `{tool}` needs the scope `{scope}`, which the server does not declare; write \
                     `optional_scopes = [\"{scope}\"]` into its attribute"
                );
            }
            Problem::TooManyNames { tool, limit } => {
                return write!(
                    f,
                    "the tool `{tool}` has a new name, and there have been {limit} at run time already; use an earlier one, or \
                     raise `limits.state.dynamic_tool_names`"
                );
            }
            Problem::RateWithoutCallers { tool } => {
                return write!(
                    f,
                    "the tool `{tool}` has a rate, which is for each caller, and requests to an open server have none; remove \
                     the rate, or give the server an `issuer` and a `resource`"
                );
            }
            Problem::HiddenFromNobody { tool } => {
                return write!(
                    f,
                    "the tool `{tool}` is hidden, and every caller has its scopes; write `.scopes([\"…\"])` with a scope \
                     beyond those of every request, or remove `.hidden()`"
                );
            }
            Problem::TooManyTools { limit } => {
                return write!(
                    f,
                    "there are {limit} tools at run time already; remove one, or raise `limits.state.dynamic_tools`"
                );
            }
            Problem::ForeignPart { part, server } => {
                return write!(
                    f,
                    "`{part}` is no part of `{server}`; write `#[mcp::part(of = {server})]` above its block"
                );
            }
            Problem::TemplateConflict { conflict, first, second } => {
                return write!(
                    f,
                    "{conflict} (the first is in `{first}`, the second in `{second}`, which is added later)"
                );
            }
        };
        let (kind, name) = words(*kind);
        if first == second {
            return write!(
                f,
                "there are two {kind}s `{key}` in `{first}`; add it once, or give one of them another {name}"
            );
        }
        write!(f, "there is a {kind} `{key}` in `{first}` and in `{second}`; give one of them another {name}")
    }
}

impl std::error::Error for CompositionError {}

/// Returns the word for an item, and the word for its key.
fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Tool => ("tool", "name"),
        Kind::Resource => ("resource", "URI"),
        Kind::Template => ("template", "form"),
        Kind::Prompt => ("prompt", "name"),
    }
}

/// The kinds of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Template,
    Prompt,
}
