//! Validation: syntax becomes a block that obeys every rule.

mod completion;
mod guard;
mod icon;
mod item;
mod list;
mod owner;
mod parameter;
mod protection;
mod rate;
mod resource;
mod tool;
mod ty;

use mcp_core::Rate;
use quote::ToTokens as _;
use syn::{LitStr, Path, Type, parse_quote};

use self::completion::Target;
use self::guard::Guards;
pub(crate) use self::guard::{Guard, GuardParameter, ItemGuard, PublicGuard};
pub(crate) use self::icon::Icon;
pub(crate) use self::item::{Item, ItemKind};
pub(crate) use self::list::List;
pub(crate) use self::owner::{Owner, is_part_of_itself};
pub(crate) use self::parameter::{Argument, Parameter};
pub(crate) use self::protection::Protection;
use self::protection::ProtectionDeclaration;
pub(crate) use self::resource::Resource;
pub(crate) use self::tool::Tool;
pub(crate) use self::ty::mentions_lifetime;
use crate::errors::Errors;
use crate::parse::{self, BlockAttribute, Kind, Method, ServerAttribute};

/// A valid block, ready for expansion.
pub(crate) struct Block {
    pub(crate) krate: Path,
    /// The name of the type.
    pub(crate) name: String,
    pub(crate) owner: Owner,
    pub(crate) items: Vec<Item>,
    /// The guards that parts of the server can ask.
    pub(crate) public_guards: Vec<PublicGuard>,
}

/// The description and the protection of a server.
pub(crate) struct Server {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) instructions: Option<String>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) website: Option<String>,
    pub(crate) lenient: bool,
    pub(crate) inline_schemas: bool,
    pub(crate) rate: Option<Rate>,
    /// The default time limit of the items, in milliseconds.
    pub(crate) timeout: Option<u64>,
    pub(crate) protection: Option<Protection>,
}

impl Block {
    /// Validates a block. Returns `None` if a mistake leaves its owner unknown.
    pub(crate) fn new(block: &parse::Block, errors: &mut Errors) -> Option<Self> {
        let declared = match &block.attribute {
            BlockAttribute::Server(server) => ProtectionDeclaration::new(server, errors),
            BlockAttribute::Part(_) => ProtectionDeclaration::Elsewhere,
        };
        if block.methods.is_empty() && block.complete && block.item.trait_.is_none() {
            errors.at(
                &block.item.self_ty,
                format_args!(
                    "this {} has nothing for clients; annotate a method with `#[mcp::tool]`, `#[mcp::resource]` or \
                     `#[mcp::prompt]`",
                    block.attribute.name()
                ),
            );
        }
        let guards = Guards::new(block, errors);
        let items = items(block, &declared, &guards, errors);
        guards.check_use(errors);
        let owner = match &block.attribute {
            BlockAttribute::Server(server) => Server::new(server, declared, errors).map(Box::new).map(Owner::Server),
            BlockAttribute::Part(part) => owner::of(block, part, errors).map(|of| Owner::Part { of: Box::new(of) }),
        };
        let is_server = matches!(block.attribute, BlockAttribute::Server(_));
        Some(Self {
            krate: block.attribute.krate().cloned().unwrap_or_else(|| parse_quote!(::mcp)),
            name: type_name(&block.item.self_ty),
            owner: owner?,
            items,
            public_guards: if is_server { guards.public() } else { Vec::new() },
        })
    }

    pub(crate) fn items_of(&self, kind: Kind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind() == kind)
    }
}

impl Server {
    fn new(attribute: &ServerAttribute, declared: ProtectionDeclaration, errors: &mut Errors) -> Option<Self> {
        if let Some(literal) = &attribute.website {
            errors.check(literal, "invalid `website`", mcp_core::documentation_url(&literal.value()));
        }
        let text = |literal: &Option<LitStr>| literal.as_ref().map(LitStr::value);
        Some(Self {
            name: text(&attribute.name),
            version: text(&attribute.version),
            title: text(&attribute.title),
            instructions: text(&attribute.instructions),
            icons: Icon::all(&attribute.icons, errors),
            website: text(&attribute.website),
            lenient: attribute.lenient,
            inline_schemas: attribute.inline_schemas,
            rate: rate::rate(attribute.rate.as_ref(), &declared, errors),
            timeout: attribute.timeout.as_ref().map(|timeout| timeout.milliseconds),
            protection: declared.into_option()?,
        })
    }
}

/// Validates the methods, completions last, because these refer to other methods.
fn items(
    block: &parse::Block,
    declared: &ProtectionDeclaration,
    guards: &Guards<'_>,
    errors: &mut Errors,
) -> Vec<Item> {
    let (completions, others): (Vec<&Method>, Vec<&Method>) =
        block.methods.iter().partition(|method| method.kind() == Kind::Completion);
    let others: Vec<(&Method, Option<Item>)> =
        others.into_iter().map(|method| (method, Item::new(method, block, declared, &[], guards, errors))).collect();
    let mut targets: Vec<Target<'_>> =
        others.iter().filter_map(|(method, item)| Target::new(method, item.as_ref())).collect();
    if !block.complete {
        targets.extend([Target::unknown(Kind::Prompt), Target::unknown(Kind::Resource)]);
    }
    let completions: Vec<(&Method, Option<Item>)> = (completions.into_iter())
        .map(|method| (method, Item::new(method, block, declared, &targets, guards, errors)))
        .collect();
    drop(targets);
    let mut methods: Vec<&Method> = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    for (method, item) in others.into_iter().chain(completions) {
        let Some(item) = item else { continue };
        if let Some(other) = items.iter().find(|other| clash(other, &item) && !are_alternatives(other, &item)) {
            errors.push(clash_error(block.attribute.name(), method, other, &item));
        }
        methods.push(method);
        items.push(item);
    }
    check_order(&methods, &items, declared, errors);
    items
}

/// Refuses a template that serves URIs of a more protected one.
fn check_order(methods: &[&Method], items: &[Item], declared: &ProtectionDeclaration, errors: &mut Errors) {
    for (index, (method, item)) in methods.iter().zip(items).enumerate() {
        let (ItemKind::Resource(resource), Some(literal)) = (&item.specific, uri_literal(method)) else { continue };
        let mut later = methods.iter().zip(items).skip(index + 1);
        let conflict = later.find_map(|(other_method, other)| {
            // Invalid scopes and equal templates were reported before.
            let is_known = has_all_scopes(method, item) && has_all_scopes(other_method, other);
            if !is_known || clash(item, other) || are_alternatives(item, other) {
                return None;
            }
            let ItemKind::Resource(other_resource) = &other.specific else { return None };
            let lacking = declared.lacking(item, other).filter(|scopes| !scopes.is_empty())?;
            let conflict = resource.uri.conflict_with(&other_resource.uri, &lacking)?;
            let needs_less = declared.lacking(other, item).is_some_and(|scopes| scopes.is_empty());
            // If each needs a scope that the other does not, no order is better, unless one would serve nothing.
            (needs_less || conflict.is_total()).then_some(conflict)
        });
        if let Some(conflict) = conflict {
            errors.at(literal, conflict);
        }
    }
}

/// Returns `true` if every scope of an item is valid.
fn has_all_scopes(method: &Method, item: &Item) -> bool {
    let named = method.attribute.scopes.as_ref().map_or(0, |(_, literals)| literals.len());
    named == item.scopes.len()
}

fn uri_literal(method: &Method) -> Option<&LitStr> {
    match &method.attribute.specific {
        parse::AttributeKind::Resource(attribute) => attribute.uri.as_ref(),
        _ => None,
    }
}

/// Returns `true` if clients could not distinguish two items.
fn clash(one: &Item, other: &Item) -> bool {
    match (&one.specific, &other.specific) {
        (ItemKind::Tool(_), ItemKind::Tool(_)) | (ItemKind::Prompt, ItemKind::Prompt) => one.name == other.name,
        (ItemKind::Resource(one), ItemKind::Resource(other)) => one.uri.clashes_with(&other.uri),
        (ItemKind::Completion(one), ItemKind::Completion(other)) => {
            (one.of, &one.target, &one.argument) == (other.of, &other.target, &other.argument)
        }
        _ => false,
    }
}

fn clash_error(block: &str, method: &Method, other: &Item, item: &Item) -> syn::Error {
    match (&item.specific, &other.specific) {
        (ItemKind::Resource(resource), ItemKind::Resource(other)) => {
            let span = uri_literal(method).map(LitStr::span);
            let (uri, other) = (resource.uri.as_str(), other.uri.as_str());
            let message = if uri == other {
                format!("there is already a resource `{uri}` in this {block}; give one of them another URI")
            } else {
                format!("`{uri}` and `{other}` match the same URIs; give one of them another form")
            };
            syn::Error::new(span.unwrap_or_else(|| method.name_span()), message)
        }
        (ItemKind::Completion(completion), _) => syn::Error::new(
            method.name_span(),
            format_args!(
                "there is already a completion of `{}` for the {} `{}`; remove one",
                completion.argument, completion.of, completion.target
            ),
        ),
        _ => {
            let (kind, name) = (item.kind(), &item.name);
            syn::Error::new(
                method.name_span(),
                format_args!(
                    "there is already a {kind} named `{name}` in this {block}; give one of them another `name`"
                ),
            )
        }
    }
}

/// Returns `true` if different `#[cfg]`s may exclude one of two items.
fn are_alternatives(one: &Item, other: &Item) -> bool {
    let text = |item: &Item| item.cfgs.iter().map(|cfg| cfg.to_token_stream().to_string()).collect::<Vec<_>>();
    !one.cfgs.is_empty() && !other.cfgs.is_empty() && text(one) != text(other)
}

/// Returns the last segment of a type's path, without generics.
fn type_name(ty: &Type) -> String {
    match ty {
        // A fragment of a declarative macro comes in a group.
        Type::Group(group) => type_name(&group.elem),
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    }
}
