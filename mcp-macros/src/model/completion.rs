//! Validation of completions.

use syn::LitStr;

use super::item::{Item, ItemKind};
use super::parameter::Argument;
use crate::errors::Errors;
use crate::parse::{AttributeKind, CompletionAttribute, Kind, Method};

/// The properties of a completion beyond those of every method.
pub(crate) struct Completion {
    pub(crate) of: Kind,
    /// The name of the prompt, or the URI of the resource.
    pub(crate) target: String,
    pub(crate) argument: String,
}

/// A prompt or a resource, as the target of completions.
pub(super) struct Target<'a> {
    kind: Kind,
    /// The name of the prompt, or the URI of the resource. `None` if a mistake left it unknown.
    name: Option<String>,
    /// The arguments or variables. `None` if a mistake left them unknown.
    arguments: Option<Vec<&'a str>>,
}

impl<'a> Target<'a> {
    /// Creates the target for a method. `item` is absent if invalid.
    pub(super) fn new(method: &Method, item: Option<&'a Item>) -> Option<Self> {
        let name = match &method.attribute.specific {
            AttributeKind::Prompt => Some(method.name()).filter(|_| method.attribute.complete),
            AttributeKind::Resource(resource) => resource.uri.as_ref().map(LitStr::value),
            _ => return None,
        };
        let arguments = item.map(|item| match &item.specific {
            ItemKind::Resource(resource) => resource.uri.variables().into_iter().map(|(name, _)| name).collect(),
            _ => item.arguments().map(|argument| &*argument.name).collect(),
        });
        Some(Self { kind: method.kind(), name, arguments })
    }

    /// Creates a target that a syntax error may hide.
    pub(super) fn unknown(kind: Kind) -> Self {
        Self { kind, name: None, arguments: None }
    }
}

impl Completion {
    /// Validates a completion. `arguments` is `None` if a mistake left some unknown.
    pub(super) fn new(
        attribute: &CompletionAttribute,
        method: &Method,
        arguments: Option<Vec<&mut Argument>>,
        targets: &[Target<'_>],
        errors: &mut Errors,
    ) -> Option<Self> {
        let (of, target) = match (&attribute.prompt, &attribute.resource) {
            (Some((_, name)), None) => (Kind::Prompt, Some(name)),
            (None, Some((_, uri))) => (Kind::Resource, Some(uri)),
            (Some(_), Some((key, _))) => {
                errors.at(key, "a completion is for a prompt or for a resource; remove one of the keys");
                return None;
            }
            (None, None) => (Kind::Prompt, None),
        };
        let (Some(target), Some(argument)) = (target, &attribute.argument) else {
            if method.attribute.complete {
                let path = method.path.as_ref();
                let message = "a completion says what it is for; write `#[mcp::completion(prompt = \"…\", argument = \"…\")]`, \
                               or `resource = \"…\"` instead of the prompt";
                errors.push(match path {
                    Some(path) => syn::Error::new_spanned(path, message),
                    None => syn::Error::new(method.signature.ident.span(), message),
                });
            }
            return None;
        };
        let names = find(of, target, targets, errors)?.arguments.as_deref()?;
        let name = argument.value();
        let word = if of == Kind::Prompt { "argument" } else { "variable" };
        if !names.contains(&&*name) {
            let hint = match (mcp_core::closest(&name, names.iter().copied()), names.is_empty()) {
                (Some(meant), _) => format!("did you mean `{meant}`?"),
                (None, true) => "it has none at all".to_owned(),
                (None, false) => format!("there are: {}", names.join(", ")),
            };
            errors.at(argument, format_args!("the {of} `{}` has no {word} `{name}`; {hint}", target.value()));
            return None;
        }
        check_arguments(method, &name, arguments?, names, &format!("{of} `{}`", target.value()), errors);
        Some(Self { of, target: target.value(), argument: name })
    }
}

/// Finds the prompt or the resource in the same block.
fn find<'a, 'b>(of: Kind, literal: &LitStr, targets: &'a [Target<'b>], errors: &mut Errors) -> Option<&'a Target<'b>> {
    let name = literal.value();
    let candidates = || targets.iter().filter(|target| target.kind == of);
    let found = candidates().find(|target| target.name.as_ref() == Some(&name));
    // A target with an unknown name could be the right one.
    if found.is_none() && candidates().all(|target| target.name.is_some()) {
        let hint = match mcp_core::closest(&name, candidates().filter_map(|target| target.name.as_deref())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a completion stands in the block of what it is for".to_owned(),
        };
        errors.at(literal, format_args!("there is no {of} `{name}` in this block; {hint}"));
    }
    found
}

/// Checks that the parameters are arguments, and one is the typed one.
fn check_arguments(
    method: &Method,
    typed: &str,
    arguments: Vec<&mut Argument>,
    names: &[&str],
    target: &str,
    errors: &mut Errors,
) {
    let mut is_taken = false;
    let mut others_are_known = true;
    for argument in arguments {
        if argument.name == typed {
            is_taken = true;
            if let Some(default) = &argument.default {
                errors
                    .at(&default.value, "what was typed is always there, if only as an empty text; remove the default");
            }
        } else if names.contains(&&*argument.name) {
            argument.may_be_absent = true;
        } else {
            others_are_known = false;
            let hint = match mcp_core::closest(&argument.name, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("what was typed is `{typed}`"),
            };
            errors.push(syn::Error::new(
                argument.name_span,
                format_args!("the {target} has no `{}`; {hint}", argument.name),
            ));
        }
    }
    // An unknown argument may be a misspelling of the typed one.
    if !is_taken && others_are_known {
        errors.at(
            &method.signature.ident,
            format_args!("a completion takes what was typed so far; add a parameter `{typed}: String`"),
        );
    }
}
