//! Parsing: tokens become syntax with spans, without a check of its meaning.

mod arg;
mod attributes;
mod block;
mod broken_item;
mod docs;
mod entries;
mod foreign;
mod function;
mod guard;
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
mod timeout;
mod value_form;

pub(crate) use arg::{Arg, Constraint, Number, number};
pub(crate) use attributes::without_own;
pub(crate) use block::{Block, BlockAttribute};
pub(crate) use docs::Description;
pub(crate) use function::Function;
pub(crate) use guard::{Guard, source};
pub(crate) use icon::Icon;
pub(crate) use impl_block::ImplBlock;
pub(crate) use json::Json;
pub(crate) use keys::Place;
pub(crate) use kind::{Annotation, Kind};
pub(crate) use method::{Method, unraw};
pub(crate) use method_attribute::{
    AttributeKind, CompletionAttribute, MethodAttribute, ResourceAttribute, Task, ToolAttribute,
};
pub(crate) use parameter::Parameter;
pub(crate) use part::PartAttribute;
pub(crate) use server::ServerAttribute;
