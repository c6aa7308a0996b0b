//! Properties that hold for every input: each is a function of some bytes that panics when it does not hold.
//!
//! `tests/` runs them over the seeds and what a deterministic generator makes of these; `targets/` lets libFuzzer look for
//! inputs. How to add one is in `README.md`.
#![allow(clippy::expect_used, clippy::panic, reason = "a property that does not hold panics")]
#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a tool does with it")]

pub mod arguments;
pub mod attributes;
pub mod bearer;
pub mod jwt;
pub mod look_up;
pub mod messages;
mod schema;
pub mod sealed_texts;
pub mod templates;
mod wire;

// A crate of macros can't be called as a library, so that its modules are built once more. They name each other from here.
#[path = "../../mcp-macros/src/errors.rs"]
mod errors;
#[path = "../../mcp-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../mcp-macros/src/expansion.rs"]
mod expansion;
#[path = "../../mcp-macros/src/model/mod.rs"]
mod model;
#[path = "../../mcp-macros/src/parse/mod.rs"]
mod parse;
