//! Validation of annotated methods.

use mcp_core::{MetaKey, Name, Rate, Scope};
use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{
    Attribute, FnArg, GenericParam, Ident, LitStr, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type,
    parse_quote_spanned,
};

use super::completion::{Completion, Target};
use super::guard::{Guards, ItemGuard};
use super::icon::Icon;
use super::parameter::{Argument, Parameter, check_names};
use super::protection::{ProtectionDeclaration, declared_scope};
use super::rate::rate;
use super::resource::Resource;
use super::tool::Tool;
use super::ty::{impl_trait, without_lifetimes};
use crate::errors::Errors;
use crate::parse::{self, AttributeKind, Description, Json, Kind, Method};

/// A method that clients use.
pub(crate) struct Item {
    pub(crate) specific: ItemKind,
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<Description>,
    /// The scopes beyond those of the server.
    pub(crate) scopes: Vec<(LitStr, Scope)>,
    /// The guards that are asked before the method, in their order.
    pub(crate) guards: Vec<ItemGuard>,
    /// The key, if callers need the item's scopes to see it.
    pub(crate) hidden: Option<Ident>,
    pub(crate) rate: Option<Rate>,
    pub(crate) icons: Vec<Icon>,
    /// A JSON object.
    pub(crate) meta: Option<String>,
    pub(crate) blocking: bool,
    /// The time limit, in milliseconds.
    pub(crate) timeout: Option<u64>,
    pub(crate) is_async: bool,
    pub(crate) method: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
}

/// The kind of an item, with the properties of that kind.
pub(crate) enum ItemKind {
    Tool(Tool),
    Resource(Resource),
    Prompt,
    Completion(Completion),
}

impl Item {
    /// Validates a method. Completions refer to `targets`.
    pub(super) fn new(
        method: &Method,
        block: &parse::Block,
        declared: &ProtectionDeclaration,
        targets: &[Target<'_>],
        guards: &Guards<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let (attribute, signature, kind) = (&method.attribute, &method.signature, method.kind());
        let name = name(method, errors);
        let description = description(method, errors);
        if let (Some((key, true)), true) = (&attribute.blocking, signature.asyncness.is_some()) {
            errors.at(key, "`blocking` is for a method that is not `async`; remove one of them");
        }
        if let (Some((_, true)), Some(timeout)) = (&attribute.blocking, &attribute.timeout) {
            errors.at(
                &timeout.key,
                "a method that is `blocking` has no `timeout`, because its thread can't be stopped; remove one of them",
            );
        }
        let scopes = scopes(method, declared, errors);
        let rate = rate(attribute.rate.as_ref(), declared, errors);
        let icons = Icon::all(&attribute.icons, errors);
        let meta = meta(attribute.meta.as_ref(), errors);
        check_signature(kind.name(), signature, errors);
        let by_hand = matches!(&attribute.specific, AttributeKind::Tool(tool) if tool.input_schema.is_some());
        let parameters: Option<Vec<Parameter>> = {
            let parameters: Vec<Option<Parameter>> = (method.parameters.iter())
                .map(|parameter| Parameter::new(parameter, kind, by_hand, &signature.generics, errors))
                .collect();
            parameters.into_iter().collect()
        };
        let mut parameters = parameters.filter(|parameters| check_names(parameters, errors));
        let guards = guards.of(method, parameters.as_deref(), errors);
        let is_listed_by_guards =
            guards.as_ref().is_none_or(|guards| guards.iter().any(|guard| !guard.has_arguments()));
        let hidden = hidden(method, &scopes, declared, is_listed_by_guards, errors);
        let arguments = parameters.as_deref_mut().map(|parameters| {
            parameters.iter_mut().filter_map(Parameter::as_argument_mut).collect::<Vec<&mut Argument>>()
        });
        let specific = match &attribute.specific {
            AttributeKind::Tool(tool) => Some(ItemKind::Tool(Tool::new(tool, arguments, errors))),
            AttributeKind::Resource(resource) => {
                Resource::new(resource, method, block, arguments, errors).map(ItemKind::Resource)
            }
            AttributeKind::Prompt => Some(ItemKind::Prompt),
            AttributeKind::Completion(completion) => {
                Completion::new(completion, method, arguments, targets, errors).map(ItemKind::Completion)
            }
        };
        let output = output(kind.name(), signature, errors);
        Some(Self {
            specific: specific?,
            name: name?,
            title: attribute.title.as_ref().map(LitStr::value),
            description,
            scopes,
            guards: guards?,
            hidden,
            rate,
            icons,
            meta,
            blocking: attribute.blocking.as_ref().is_some_and(|(_, value)| *value),
            timeout: attribute.timeout.as_ref().map(|timeout| timeout.milliseconds),
            is_async: signature.asyncness.is_some(),
            method: signature.ident.clone(),
            cfgs: method.cfgs.clone(),
            parameters: parameters?,
            output: output?,
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.specific {
            ItemKind::Tool(_) => Kind::Tool,
            ItemKind::Resource(_) => Kind::Resource,
            ItemKind::Prompt => Kind::Prompt,
            ItemKind::Completion(_) => Kind::Completion,
        }
    }

    /// Returns `true` if something can refuse a call before the method runs: a guard, or a part of the request.
    pub(crate) fn has_verdict(&self) -> bool {
        !self.guards.is_empty() || self.injected().next().is_some()
    }

    /// Returns the parameters that come from the request.
    pub(crate) fn injected(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.parameters.iter().filter_map(Parameter::as_injected)
    }

    /// Returns `true` if guards decide whether a list has the item, or its resources.
    pub(crate) fn is_in_guarded_list(&self) -> bool {
        let has_list = matches!(&self.specific, ItemKind::Resource(resource) if resource.list.is_some());
        self.hidden.is_some() || has_list
    }

    /// Returns the guards by which an item is listed: those that decide without arguments.
    pub(crate) fn list_guards(&self) -> impl Iterator<Item = &ItemGuard> {
        self.guards.iter().filter(|guard| !guard.has_arguments())
    }

    /// Returns the parameters whose values come from the client.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Argument> {
        self.parameters.iter().filter_map(Parameter::as_argument)
    }
}

fn name(method: &Method, errors: &mut Errors) -> Option<String> {
    let kind = method.kind();
    let name = method.name();
    match (kind, &method.attribute.name) {
        (Kind::Completion, _) => Some(name),
        (Kind::Resource, Some(literal)) if name.trim().is_empty() => {
            errors.at(literal, "a resource needs a name; write one, or remove the key");
            None
        }
        (Kind::Resource, _) => Some(name),
        (Kind::Tool | Kind::Prompt, Some(literal)) => {
            errors.check(literal, &format!("invalid {kind} name"), Name::parse(&name)).map(|_| name)
        }
        (Kind::Tool | Kind::Prompt, None) => {
            let parsed = Name::parse(&name)
                .map_err(|error| format!("{error}; give the {kind} another one with `#[mcp::{kind}(name = \"…\")]`"));
            errors.check(&method.signature.ident, &format!("invalid {kind} name"), parsed).map(|_| name)
        }
    }
}

fn description(method: &Method, errors: &mut Errors) -> Option<Description> {
    let attribute = &method.attribute;
    let description = match &attribute.description {
        Some(literal) => Some(literal.value()).filter(|text| !text.trim().is_empty()).map(Description::Literal),
        None => method.docs.clone(),
    };
    let why = match method.kind() {
        Kind::Tool => "this tool has no description, by which a model decides when to call it",
        Kind::Prompt => "this prompt has no description, by which people choose it",
        Kind::Resource | Kind::Completion => return description,
    };
    if attribute.complete && description.is_none() {
        errors.push(syn::Error::new(
            attribute.description.as_ref().map_or_else(|| method.signature.ident.span(), LitStr::span),
            format_args!("{why}; write a doc comment above it"),
        ));
    }
    description
}

/// Writes the object of `meta`, and checks its keys.
fn meta(meta: Option<&Json>, errors: &mut Errors) -> Option<String> {
    let Json::Object(members) = meta? else { return None };
    for (key, _) in members {
        errors.check(key, "invalid key of `meta`", MetaKey::parse(key.value()));
    }
    meta.map(Json::to_string)
}

/// Checks that requests can share a method. `kind` is the word for it in messages.
pub(super) fn check_signature(kind: &str, signature: &Signature, errors: &mut Errors) {
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => check_receiver(kind, receiver, errors),
        _ => errors.at(
            &signature.ident,
            format_args!("a {kind} is a method of the block's type; add `&self` as its first parameter"),
        ),
    }
    let choosable = signature.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(param) = choosable {
        errors.at(
            param,
            format_args!("a {kind} can't be generic, because a client can't choose the type; write a concrete one"),
        );
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.at(
            keyword,
            format_args!(
                "a {kind} can't be `unsafe`, because a client can't promise anything; write a safe method around it"
            ),
        );
    }
}

/// Requires `&self`, because requests run concurrently.
fn check_receiver(kind: &str, receiver: &Receiver, errors: &mut Errors) {
    let shared = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_none(),
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) => {
                reference.mutability.is_none() && reference.elem.to_token_stream().to_string() == "Self"
            }
            _ => false,
        },
        _ => false,
    };
    if !shared {
        errors.at(
            receiver,
            format_args!(
                "a {kind} takes `&self`, because requests are served side by side; keep what changes in a `Mutex`"
            ),
        );
    }
}

fn scopes(method: &Method, block: &ProtectionDeclaration, errors: &mut Errors) -> Vec<(LitStr, Scope)> {
    let kind = method.kind();
    let Some((key, literals)) = &method.attribute.scopes else { return Vec::new() };
    let declared: Option<Vec<Scope>> = match block {
        ProtectionDeclaration::Protected(protection) => {
            Some(protection.required.iter().chain(&protection.optional).cloned().collect())
        }
        ProtectionDeclaration::Broken { scopes } => scopes.clone(),
        ProtectionDeclaration::Elsewhere => None,
        ProtectionDeclaration::Open => {
            errors.at(
                key,
                format_args!(
                    "a {kind} can only need scopes on a protected server; add `issuer = \"https://…\"` and \
                     `resource = \"https://…\"` to `#[mcp::server]`"
                ),
            );
            return Vec::new();
        }
    };
    if literals.is_empty() {
        errors.at(key, "`scopes` is empty; name a scope, or remove the key");
    }
    let extra: &[Scope] = match block {
        ProtectionDeclaration::Protected(protection) => &protection.extra,
        _ => &[],
    };
    let mut scopes: Vec<(LitStr, Scope)> = Vec::new();
    for literal in literals {
        match declared_scope(literal, declared.as_deref(), extra, &format!("this {kind}"), errors) {
            Some(scope) if scopes.iter().any(|(_, other)| *other == scope) => {
                errors.at(literal, format_args!("the scope `{scope}` is given twice; remove one"));
            }
            Some(scope) => scopes.push((literal.clone(), scope)),
            None => {}
        }
    }
    scopes
}

/// Returns the key of a hidden item. Reports one that every caller sees.
fn hidden(
    method: &Method,
    scopes: &[(LitStr, Scope)],
    block: &ProtectionDeclaration,
    is_listed_by_guards: bool,
    errors: &mut Errors,
) -> Option<Ident> {
    let (attribute, kind) = (&method.attribute, method.kind());
    let Some((key, true)) = &attribute.hidden else { return None };
    if is_listed_by_guards {
        return Some(key.clone());
    }
    match (&attribute.scopes, block) {
        (None, ProtectionDeclaration::Open) if attribute.complete => errors.at(
            key,
            format_args!(
                "a {kind} of an open server can only be hidden from callers whom its guard denies; add `guard = name`, with one \
                 that decides without arguments, or remove `hidden`"
            ),
        ),
        (None, _) if attribute.complete => errors.at(
            key,
            format_args!(
                "`hidden` is for a {kind} that needs scopes, and hides it from callers whose token lacks them; add \
                 `scopes = [\"…\"]`, or a `guard` that decides without arguments, or remove `hidden`"
            ),
        ),
        // Invalid scopes were reported before.
        (Some((_, literals)), ProtectionDeclaration::Protected(protection))
            if !scopes.is_empty()
                && scopes.len() == literals.len()
                && scopes.iter().all(|(_, scope)| protection.is_guaranteed(scope)) =>
        {
            errors.at(
                key,
                format_args!(
                    "every caller that is let in has the scopes of this {kind}, so it is hidden from nobody; name a scope \
                     that the server does not require, or remove `hidden`"
                ),
            );
        }
        _ => {}
    }
    Some(key.clone())
}

/// Returns the return type of a method. `kind` is the word for it in messages.
pub(super) fn output(kind: &str, signature: &Signature, errors: &mut Errors) -> Option<Type> {
    match &signature.output {
        ReturnType::Default => {
            let span: Span = signature.ident.span();
            Some(parse_quote_spanned!(span=> ()))
        }
        ReturnType::Type(_, ty) => {
            if let Some(anonymous) = impl_trait(ty) {
                let why =
                    if kind == Kind::Tool.name() { "its schema comes from it" } else { "generated code names it" };
                errors.at(
                    anonymous,
                    format_args!("a {kind}'s return type must be named, because {why}; write the concrete one"),
                );
                return None;
            }
            Some(without_lifetimes(ty, &signature.generics))
        }
    }
}
