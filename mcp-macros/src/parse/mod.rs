//! From tokens to syntax: what the user wrote, where, and nothing about whether it makes sense.

mod arg;
mod block;
mod docs;
mod entries;
mod server;
mod tool;

pub(crate) use arg::{Arg, Constraint, Number, number};
pub(crate) use block::{Block, Method, Parameter};
pub(crate) use server::ServerAttribute;
pub(crate) use tool::ToolAttribute;
