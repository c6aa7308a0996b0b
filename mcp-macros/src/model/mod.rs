//! From syntax to a server that obeys every rule. What is wrong is collected, so that one compilation shows it all.

mod parameter;
mod protection;
mod tool;
mod ty;

use quote::ToTokens as _;
use syn::{Path, Type, parse_quote};

pub(crate) use self::parameter::{Argument, Parameter};
use self::protection::Declared;
pub(crate) use self::protection::Protection;
pub(crate) use self::tool::Tool;
use crate::errors::Errors;
use crate::parse::Block;

/// A server that can be written out.
pub(crate) struct Server {
    pub(crate) krate: Path,
    pub(crate) type_name: String,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) instructions: Option<String>,
    pub(crate) protection: Option<Protection>,
    pub(crate) tools: Vec<Tool>,
}

impl Server {
    /// Nothing, if a mistake leaves nothing to write.
    pub(crate) fn new(block: &Block, errors: &mut Errors) -> Option<Self> {
        let attribute = &block.attribute;
        let declared = Declared::new(attribute, errors);
        if block.methods.is_empty() && block.item.trait_.is_none() {
            errors.at(&block.item.self_ty, "this server has no tools; annotate a method with `#[mcp::tool]`");
        }
        let mut tools: Vec<Tool> = Vec::new();
        for method in &block.methods {
            if let Some(tool) = Tool::new(method, &declared, errors) {
                if tools.iter().any(|other| other.name == tool.name && !are_alternatives(other, &tool)) {
                    errors.push(syn::Error::new(
                        method.name_span(),
                        format_args!(
                            "there is already a tool named `{}` in this server; give one of them another `name`",
                            tool.name
                        ),
                    ));
                }
                tools.push(tool);
            }
        }
        let protection = declared.into_option()?;
        Some(Self {
            krate: attribute.krate.clone().unwrap_or_else(|| parse_quote!(::mcp)),
            name: attribute.name.as_ref().map_or_else(|| type_name(&block.item.self_ty), syn::LitStr::value),
            type_name: type_name(&block.item.self_ty),
            version: attribute.version.as_ref().map(syn::LitStr::value),
            title: attribute.title.as_ref().map(syn::LitStr::value),
            instructions: attribute.instructions.as_ref().map(syn::LitStr::value),
            protection,
            tools,
        })
    }
}

/// Whether two tools are never there at the same time, as far as one can see: under different `#[cfg]`s.
fn are_alternatives(one: &Tool, other: &Tool) -> bool {
    let text = |tool: &Tool| tool.cfgs.iter().map(|cfg| cfg.to_token_stream().to_string()).collect::<Vec<_>>();
    !one.cfgs.is_empty() && !other.cfgs.is_empty() && text(one) != text(other)
}

/// The last part of the type's path, without generics.
fn type_name(ty: &Type) -> String {
    match ty {
        // What another macro hands over comes in a group.
        Type::Group(group) => type_name(&group.elem),
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    }
}
