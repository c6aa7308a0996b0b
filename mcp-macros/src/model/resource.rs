//! Validation of resources.

use mcp_core::{ResourceUri, TemplateConflict, Timestamp, UriTemplate};
use syn::{Expr, LitStr};

use super::icon::media_type;
use super::list::List;
use super::parameter::Argument;
use crate::errors::Errors;
use crate::parse::{self, Method, Number, ResourceAttribute, number};

/// The properties of a resource beyond those of every method.
pub(crate) struct Resource {
    pub(crate) uri: Uri,
    pub(crate) mime_type: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) ttl_ms: Option<u64>,
    pub(crate) audience: Vec<String>,
    pub(crate) priority: Option<f64>,
    pub(crate) last_modified: Option<String>,
    pub(crate) list: Option<Box<List>>,
}

/// The URI of a resource, or the template of many.
pub(crate) enum Uri {
    Static(ResourceUri),
    Template(UriTemplate),
}

impl Uri {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Static(uri) => uri.as_str(),
            Self::Template(template) => template.as_str(),
        }
    }

    fn parse(literal: &LitStr, errors: &mut Errors) -> Option<Self> {
        let text = literal.value();
        if text.contains(['{', '}']) {
            errors.check(literal, "invalid URI template", UriTemplate::parse(text)).map(Self::Template)
        } else {
            errors.check(literal, "invalid URI", ResourceUri::parse(text)).map(Self::Static)
        }
    }

    /// Returns `true` if both serve the same URIs in the same way.
    pub(super) fn clashes_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Static(one), Self::Static(other)) => one.is_equivalent_to(other),
            (Self::Template(one), Self::Template(other)) => one.clashes_with(other),
            _ => false,
        }
    }

    /// Returns the conflict with a later URI that also needs `lacking`.
    pub(super) fn conflict_with(&self, later: &Self, lacking: &[&str]) -> Option<TemplateConflict> {
        match (self, later) {
            (Self::Template(first), Self::Template(second)) => TemplateConflict::new(first, second, lacking),
            _ => None,
        }
    }

    /// Returns the variables, each with `true` if URIs may omit it.
    pub(super) fn variables(&self) -> Vec<(&str, bool)> {
        match self {
            Self::Static(_) => Vec::new(),
            Self::Template(template) => {
                template.variables().map(|variable| (variable.name, variable.optional)).collect()
            }
        }
    }
}

impl Resource {
    /// Validates a resource. `arguments` is `None` if a mistake left some unknown.
    pub(super) fn new(
        attribute: &ResourceAttribute,
        method: &Method,
        block: &parse::Block,
        arguments: Option<Vec<&mut Argument>>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let mime_type = media_type(attribute.mime_type.as_ref(), errors);
        if let Some(literal) = &attribute.last_modified {
            errors.check(literal, "invalid `last_modified`", Timestamp::parse(literal.value()));
        }
        let priority = attribute.priority.as_ref().and_then(|expr| priority(expr, errors));
        let audience = audience(attribute, errors);
        let list = attribute.list.as_ref().map(|name| List::new(name, block, errors));
        let Some(literal) = &attribute.uri else {
            if method.attribute.complete {
                let place = method.path.as_ref();
                let message = "a resource needs a URI; write `#[mcp::resource(\"notes://all\")]`, or \
                               `#[mcp::resource(\"notes://{id}\")]` with a parameter `id`";
                errors.push(match place {
                    Some(path) => syn::Error::new_spanned(path, message),
                    None => syn::Error::new(method.signature.ident.span(), message),
                });
            }
            return None;
        };
        let uri = Uri::parse(literal, errors)?;
        if let (Some((key, _)), Uri::Template(_)) = (&attribute.size, &uri) {
            errors.at(key, "`size` is for a resource without variables; one of a template has many, so remove it");
        }
        if let (Some(name), Uri::Static(_)) = (&attribute.list, &uri) {
            errors.at(name, "`list` is for a URI with variables; this one is in the list by itself, so remove the key");
        }
        check_variables(literal, &uri, arguments?, method, errors);
        Some(Self {
            uri,
            mime_type,
            size: attribute.size.as_ref().and_then(|(_, number)| number.base10_parse().ok()),
            ttl_ms: attribute.ttl_ms.as_ref().and_then(|number| number.base10_parse().ok()),
            audience,
            priority,
            last_modified: attribute.last_modified.as_ref().map(LitStr::value),
            list: list.flatten().map(Box::new),
        })
    }
}

/// Checks that every variable has a parameter, and every parameter a variable.
///
/// If one of each remains, the error suggests that they belong together.
fn check_variables(literal: &LitStr, uri: &Uri, arguments: Vec<&mut Argument>, method: &Method, errors: &mut Errors) {
    let variables = uri.variables();
    let names: Vec<String> = arguments.iter().map(|argument| argument.name.clone()).collect();
    let mut missing: Vec<&str> =
        variables.iter().map(|(name, _)| *name).filter(|name| names.iter().all(|other| other != name)).collect();
    for argument in arguments {
        let name = &argument.name;
        let Some((_, optional)) = variables.iter().find(|(variable, _)| variable == name) else {
            let meant = mcp_core::closest(name, missing.iter().copied()).or(missing.first().copied());
            missing.retain(|name| Some(*name) != meant);
            let remedy = match meant {
                Some(meant) => {
                    format!("name the parameter `{meant}`, as the URI does, or write `#[arg(name = \"{meant}\")]`")
                }
                None => format!("write `{{{name}}}` into the URI, or borrow what comes from the request"),
            };
            errors.push(syn::Error::new(
                argument.name_span,
                format_args!("`{name}` is not a variable of `{}`; {remedy}", uri.as_str()),
            ));
            continue;
        };
        argument.may_be_absent = *optional;
        if let (Some(default), false) = (&argument.default, optional) {
            errors.at(
                &default.value,
                format_args!(
                    "`{name}` is part of every URI, so that a default is never used; remove it, or write `{{?{name}}}`"
                ),
            );
        }
    }
    for name in missing {
        if let Some(borrowed) = method.parameters.iter().find(|parameter| parameter.is_named(name)) {
            errors.at(
                &borrowed.ty,
                format_args!("`{{{name}}}` comes from the client, so it is not borrowed; write `{name}: String`"),
            );
            continue;
        }
        let is_ident = syn::parse_str::<syn::Ident>(name).is_ok();
        let parameter = if is_ident {
            format!("{name}: String")
        } else {
            format!("#[arg(name = \"{name}\")] {}: String", name.to_lowercase().replace('.', "_"))
        };
        errors.at(literal, format_args!("the variable `{{{name}}}` has no parameter; add one: `{parameter}`"));
    }
}

fn priority(expr: &Expr, errors: &mut Errors) -> Option<f64> {
    let value = match number(expr) {
        Ok(Number::Integer(0)) => 0.0,
        Ok(Number::Integer(1)) => 1.0,
        Ok(Number::Float(value)) if (0.0..=1.0).contains(&value) => value,
        _ => {
            errors.at(expr, "a priority is a number from 0.0, the least important, to 1.0; write one like `0.5`");
            return None;
        }
    };
    Some(value)
}

fn audience(attribute: &ResourceAttribute, errors: &mut Errors) -> Vec<String> {
    let Some((key, literals)) = &attribute.audience else { return Vec::new() };
    if literals.is_empty() {
        errors.at(key, "`audience` is empty; write `[\"user\"]`, `[\"assistant\"]` or both, or remove the key");
    }
    let mut audience: Vec<String> = Vec::new();
    for literal in literals {
        let role = literal.value();
        if !matches!(&*role, "user" | "assistant") {
            errors.at(literal, "an audience is `\"user\"` or `\"assistant\"`");
        } else if audience.contains(&role) {
            errors.at(literal, format_args!("`{role}` is given twice; remove one"));
        }
        audience.push(role);
    }
    audience
}
