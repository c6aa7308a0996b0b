use mcp_core::{Name, ParameterHeader, Scope};
use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{
    Attribute, FnArg, GenericParam, Ident, LitStr, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type,
    parse_quote_spanned,
};

use super::parameter::Parameter;
use super::protection::{Declared, declared_scope};
use super::ty::{impl_trait, without_lifetimes};
use crate::errors::Errors;
use crate::parse::Method;

/// A method that can be called by a client.
pub(crate) struct Tool {
    pub(crate) name: Name,
    pub(crate) title: Option<String>,
    pub(crate) description: String,
    /// Beyond those of the server.
    pub(crate) scopes: Vec<Scope>,
    /// Not listed for a caller that lacks them.
    pub(crate) hidden: bool,
    pub(crate) hints: Vec<(&'static str, bool)>,
    pub(crate) blocking: bool,
    pub(crate) is_async: bool,
    pub(crate) method: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
}

impl Tool {
    pub(super) fn new(method: &Method, server: &Declared, errors: &mut Errors) -> Option<Self> {
        let attribute = &method.attribute;
        let signature = &method.signature;
        let name = match &attribute.name {
            Some(literal) => errors.check(literal, "invalid tool name", Name::parse(literal.value())),
            None => {
                let parsed = Name::parse(unraw(&signature.ident))
                    .map_err(|error| format!("{error}; give the tool another one with `#[mcp::tool(name = \"…\")]`"));
                errors.check(&signature.ident, "invalid tool name", parsed)
            }
        };
        let description = match &attribute.description {
            Some(literal) => Some(literal.value()),
            None => method.docs.clone(),
        };
        if attribute.complete && description.as_ref().is_none_or(|text| text.trim().is_empty()) {
            errors.push(syn::Error::new(
                attribute.description.as_ref().map_or_else(|| signature.ident.span(), LitStr::span),
                "this tool has no description, by which a model decides when to call it; write a doc comment above it",
            ));
        }
        if let (Some(true), Some((key, true))) = (attribute.read_only, &attribute.destructive) {
            errors.at(key, "a tool that is `read_only` can't be `destructive`; remove one of them");
        }
        if let (Some((key, true)), true) = (&attribute.blocking, signature.asyncness.is_some()) {
            errors.at(key, "`blocking` is for a method that is not `async`; remove one of them");
        }
        let scopes = scopes(method, server, errors);
        let hidden = hidden(method, &scopes, server, errors);
        check_signature(signature, errors);
        let parameters: Vec<Option<Parameter>> =
            method.parameters.iter().map(|parameter| Parameter::new(parameter, &signature.generics, errors)).collect();
        check_headers(parameters.iter().flatten(), errors);
        let output = output(signature, errors);
        let hints = [
            ("read_only", attribute.read_only),
            ("destructive", attribute.destructive.as_ref().map(|(_, value)| *value)),
            ("idempotent", attribute.idempotent),
            ("open_world", attribute.open_world),
        ];
        Some(Self {
            name: name?,
            title: attribute.title.as_ref().map(LitStr::value),
            description: description.unwrap_or_default(),
            scopes,
            hidden,
            hints: hints.into_iter().filter_map(|(hint, value)| Some((hint, value?))).collect(),
            blocking: attribute.blocking.as_ref().is_some_and(|(_, value)| *value),
            is_async: signature.asyncness.is_some(),
            method: signature.ident.clone(),
            cfgs: method.cfgs.clone(),
            parameters: parameters.into_iter().collect::<Option<_>>()?,
            output: output?,
        })
    }
}

fn check_signature(signature: &Signature, errors: &mut Errors) {
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => check_receiver(receiver, errors),
        _ => errors.at(&signature.ident, "a tool is a method of the server; add `&self` as its first parameter"),
    }
    let choosable = signature.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(param) = choosable {
        errors.at(param, "a tool can't be generic, because a client can't choose the type; write a concrete one");
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.at(
            keyword,
            "a tool can't be `unsafe`, because a client can't promise anything; write a safe method around it",
        );
    }
}

/// Requests are served side by side, so a tool shares the server.
fn check_receiver(receiver: &Receiver, errors: &mut Errors) {
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
            "a tool takes `&self`, because requests are served side by side; keep what changes in a `Mutex`",
        );
    }
}

/// A header repeats one argument.
fn check_headers<'a>(parameters: impl Iterator<Item = &'a Parameter>, errors: &mut Errors) {
    let mut taken: Vec<(&ParameterHeader, &str)> = Vec::new();
    for parameter in parameters {
        let Parameter::Argument(argument) = parameter else { continue };
        let Some((literal, header)) = &argument.header else { continue };
        match taken.iter().find(|(other, _)| *other == header) {
            Some((_, name)) => errors.at(
                literal,
                format_args!("the header `{header}` repeats the argument `{name}` already; give this one another name"),
            ),
            None => taken.push((header, &argument.name)),
        }
    }
}

fn scopes(method: &Method, server: &Declared, errors: &mut Errors) -> Vec<Scope> {
    let Some((key, literals)) = &method.attribute.scopes else { return Vec::new() };
    let declared: Option<Vec<Scope>> = match server {
        Declared::Protected(protection) => {
            Some(protection.required.iter().chain(&protection.optional).cloned().collect())
        }
        Declared::Broken { scopes } => scopes.clone(),
        Declared::Open => {
            errors.at(
                key,
                "a tool can only need scopes on a protected server; add `issuer = \"https://…\"` and `resource = \"https://…\"` \
                 to `#[mcp::server]`",
            );
            return Vec::new();
        }
    };
    if literals.is_empty() {
        errors.at(key, "`scopes` is empty; name a scope, or remove the key");
    }
    let mut scopes = Vec::new();
    for literal in literals {
        match declared_scope(literal, declared.as_deref(), "this tool", errors) {
            Some(scope) if scopes.contains(&scope) => {
                errors.at(literal, format_args!("the scope `{scope}` is given twice; remove one"));
            }
            Some(scope) => scopes.push(scope),
            None => {}
        }
    }
    scopes
}

/// Whether the tool is hidden from some callers. One that is hidden from none was meant otherwise.
fn hidden(method: &Method, scopes: &[Scope], server: &Declared, errors: &mut Errors) -> bool {
    let attribute = &method.attribute;
    let Some((key, true)) = &attribute.hidden else { return false };
    match (&attribute.scopes, server) {
        (None, Declared::Open) if attribute.complete => errors.at(
            key,
            "a tool can only be hidden on a protected server, from callers whose token lacks its scopes; remove `hidden`",
        ),
        (None, _) if attribute.complete => errors.at(
            key,
            "`hidden` is for a tool that needs scopes, and hides it from callers whose token lacks them; add `scopes = [\"…\"]`, \
             or remove `hidden`",
        ),
        // What is wrong with a scope was reported.
        (Some((_, literals)), Declared::Protected(protection))
            if !scopes.is_empty()
                && scopes.len() == literals.len()
                && scopes.iter().all(|scope| protection.is_everyones(scope)) =>
        {
            errors.at(
                key,
                "every caller that is let in has the scopes of this tool, so it is hidden from nobody; name a scope that the \
                 server does not require, or remove `hidden`",
            );
        }
        _ => {}
    }
    true
}

fn output(signature: &Signature, errors: &mut Errors) -> Option<Type> {
    match &signature.output {
        ReturnType::Default => {
            let span: Span = signature.ident.span();
            Some(parse_quote_spanned!(span=> ()))
        }
        ReturnType::Type(_, ty) => {
            if let Some(anonymous) = impl_trait(ty) {
                errors.at(
                    anonymous,
                    "a tool's return type must be named, because its schema comes from it; write the concrete one",
                );
                return None;
            }
            Some(without_lifetimes(ty, &signature.generics))
        }
    }
}

/// `r#type` is `type` to everyone else.
pub(super) fn unraw(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}
