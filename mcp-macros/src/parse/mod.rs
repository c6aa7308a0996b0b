//! From tokens to syntax: what the user wrote, where, and nothing about whether it makes sense.

mod arg;
mod attributes;
mod block;
mod docs;
mod entries;
mod foreign;
mod function;
mod icon;
mod impl_block;
mod json;
mod keys;
mod kind;
mod method;
mod method_attribute;
#[cfg(test)]
mod mistakes;
mod parameter;
mod parameter_attribute;
mod part;
mod server;
mod unread;
mod written;

pub(crate) use arg::{Arg, Constraint, Number, number};
pub(crate) use attributes::without_own;
pub(crate) use block::{Block, BlockAttribute};
pub(crate) use docs::Description;
pub(crate) use function::Function;
pub(crate) use icon::Icon;
pub(crate) use impl_block::ImplBlock;
pub(crate) use json::Json;
pub(crate) use keys::Place;
pub(crate) use kind::Kind;
pub(crate) use method::{Method, unraw};
pub(crate) use method_attribute::{
    CompletionAttribute, MethodAttribute, ResourceAttribute, Specific, Task, ToolAttribute,
};
pub(crate) use parameter::Parameter;
pub(crate) use part::PartAttribute;
pub(crate) use server::ServerAttribute;
