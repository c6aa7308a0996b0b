use mcp_core::{Hierarchy, Issuer, Resource, Scope};
use syn::{Ident, LitStr};

use crate::errors::Errors;
use crate::parse::ServerAttribute;

/// Who protects a server, and with which scopes.
pub(crate) struct Protection {
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) resource: Resource,
    pub(crate) required: Vec<Scope>,
    pub(crate) optional: Vec<Scope>,
    pub(crate) hierarchy: Hierarchy,
    pub(crate) resource_name: Option<String>,
    pub(crate) resource_documentation: Option<String>,
}

/// What the attribute says about protection.
pub(crate) enum Declared {
    Protected(Protection),
    Open,
    /// Something was wrong with it, which was reported. The scopes are there, so that those of the tools are checked
    /// all the same.
    Broken { scopes: Vec<Scope> },
}

impl Declared {
    /// `None` when broken.
    pub(crate) fn into_option(self) -> Option<Option<Protection>> {
        match self {
            Self::Protected(protection) => Some(Some(protection)),
            Self::Open => Some(None),
            Self::Broken { .. } => None,
        }
    }
}

impl Protection {
    pub(crate) fn new(attribute: &ServerAttribute, errors: &mut Errors) -> Declared {
        let required = scopes(attribute.scopes.as_ref(), &[], errors);
        let optional = scopes(attribute.optional_scopes.as_ref(), required.as_deref().unwrap_or_default(), errors);
        let declared: Vec<Scope> = required.iter().chain(&optional).flatten().cloned().collect();
        let hierarchy = hierarchy(attribute, &declared, errors);
        let documentation = documentation(attribute, errors);
        let (issuers, resource) = match (&attribute.issuer, &attribute.resource) {
            (Some(issuer), Some((_, resource))) => (issuers(issuer, errors), parse_resource(resource, errors)),
            (Some(issuer @ (key, _)), None) => {
                issuers(issuer, errors);
                errors.at(
                    key,
                    "`issuer` needs a `resource`: add `resource = \"https://…\"`, the public URL of this MCP endpoint",
                );
                (None, None)
            }
            (None, Some((key, literal))) => {
                parse_resource(literal, errors);
                errors.at(
                    key,
                    "`resource` needs an `issuer`: add `issuer = \"https://…\"`, the authorization server that issues the tokens",
                );
                (None, None)
            }
            (None, None) => {
                let keys = dependent_keys(attribute);
                for key in &keys {
                    errors.at(
                        key,
                        format_args!("`{key}` needs a protected server: add `issuer = \"https://…\"` and `resource = \"https://…\"`"),
                    );
                }
                return if keys.is_empty() { Declared::Open } else { Declared::Broken { scopes: declared } };
            }
        };
        match (issuers, resource, required, optional, hierarchy, documentation) {
            (Some(issuers), Some(resource), Some(required), Some(optional), Some(hierarchy), Some(documentation)) => {
                Declared::Protected(Self {
                    issuers,
                    resource,
                    required,
                    optional,
                    hierarchy,
                    resource_name: attribute.resource_name.as_ref().map(|(_, literal)| literal.value()),
                    resource_documentation: documentation,
                })
            }
            _ => Declared::Broken { scopes: declared },
        }
    }
}

/// The keys that mean nothing on an open server.
fn dependent_keys(attribute: &ServerAttribute) -> Vec<Ident> {
    [
        attribute.scopes.as_ref().map(|(key, _)| key),
        attribute.optional_scopes.as_ref().map(|(key, _)| key),
        attribute.hierarchy.as_ref().map(|(key, _)| key),
        attribute.resource_name.as_ref().map(|(key, _)| key),
        attribute.resource_documentation.as_ref().map(|(key, _)| key),
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect()
}

fn issuers((key, literals): &(Ident, Vec<LitStr>), errors: &mut Errors) -> Option<Vec<Issuer>> {
    if literals.is_empty() {
        errors.at(key, "`issuer` names no authorization server; write `issuer = \"https://…\"`");
        return None;
    }
    let mut issuers = Vec::new();
    for literal in literals {
        let issuer = errors.check(literal, "invalid `issuer`", Issuer::parse(literal.value()))?;
        if issuers.contains(&issuer) {
            errors.at(literal, format_args!("the issuer `{issuer}` is given twice"));
            return None;
        }
        issuers.push(issuer);
    }
    Some(issuers)
}

fn parse_resource(literal: &LitStr, errors: &mut Errors) -> Option<Resource> {
    errors.check(literal, "invalid `resource`", Resource::parse(literal.value()))
}

/// The scopes of a list that is not empty and has none twice, nor one of `others`.
fn scopes(list: Option<&(Ident, Vec<LitStr>)>, others: &[Scope], errors: &mut Errors) -> Option<Vec<Scope>> {
    let Some((key, literals)) = list else { return Some(Vec::new()) };
    if literals.is_empty() {
        errors.at(key, format_args!("`{key}` is empty; name a scope, or remove the key"));
        return None;
    }
    let mut scopes: Vec<Scope> = Vec::new();
    let mut valid = true;
    for literal in literals {
        match errors.check(literal, "invalid scope", Scope::parse(literal.value())) {
            Some(scope) if scopes.contains(&scope) => {
                errors.at(literal, format_args!("the scope `{scope}` is given twice"));
                valid = false;
            }
            Some(scope) if others.contains(&scope) => {
                errors.at(literal, format_args!("the scope `{scope}` is already in `scopes`; every request needs it"));
                valid = false;
            }
            Some(scope) => scopes.push(scope),
            None => valid = false,
        }
    }
    valid.then_some(scopes)
}

fn hierarchy(attribute: &ServerAttribute, declared: &[Scope], errors: &mut Errors) -> Option<Hierarchy> {
    let Some((key, chains)) = &attribute.hierarchy else { return Some(Hierarchy::default()) };
    let mut edges = Vec::new();
    let mut valid = true;
    for chain in chains {
        let mut broader: Option<Scope> = None;
        for literal in chain {
            let Some(scope) = declared_scope(literal, declared, "the hierarchy", errors) else {
                valid = false;
                continue;
            };
            if let Some(broader) = broader.replace(scope.clone()) {
                edges.push((broader, scope));
            }
        }
    }
    if !valid {
        return None;
    }
    errors.check(key, "invalid `hierarchy`", Hierarchy::new(edges))
}

fn documentation(attribute: &ServerAttribute, errors: &mut Errors) -> Option<Option<String>> {
    let Some((_, literal)) = &attribute.resource_documentation else { return Some(None) };
    let url = literal.value();
    let checked = mcp_core::documentation_url(&url);
    errors.check(literal, "invalid `resource_documentation`", checked).map(|()| Some(url))
}

/// A scope that the server declares. An undeclared one could never be granted.
pub(super) fn declared_scope(
    literal: &LitStr,
    declared: &[Scope],
    user: &str,
    errors: &mut Errors,
) -> Option<Scope> {
    let scope = errors.check(literal, "invalid scope", Scope::parse(literal.value()))?;
    if declared.contains(&scope) {
        return Some(scope);
    }
    let hint = match mcp_core::closest(scope.as_str(), declared.iter().map(Scope::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add it to `optional_scopes` of `#[mcp::server]`: `optional_scopes = [\"{scope}\"]`"),
    };
    errors.at(literal, format_args!("{user} names the scope `{scope}`, which the server does not declare; {hint}"));
    None
}
