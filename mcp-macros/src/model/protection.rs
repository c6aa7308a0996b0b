//! Validation of a server's protection.

use mcp_core::{
    Dpop, Hierarchy, Issuer, IssuerConflict, OperationScopes, Resource, Scope, ScopeError, ScopeNames, ScopePrefix,
};
use syn::{Ident, LitStr};

use super::item::Item;
use crate::errors::Errors;
use crate::parse::ServerAttribute;

/// The issuers, the resource and the scopes of a protected server.
pub(crate) struct Protection {
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) resource: Resource,
    pub(crate) required: Vec<Scope>,
    pub(crate) optional: Vec<Scope>,
    /// The scopes that clients request and that tokens need not have.
    pub(crate) extra: Vec<Scope>,
    pub(crate) prefix: Option<ScopePrefix>,
    pub(crate) hierarchy: Hierarchy,
    pub(crate) dpop: Dpop,
    pub(crate) resource_name: Option<String>,
    pub(crate) resource_documentation: Option<String>,
}

impl Protection {
    /// Names the scopes of an operation that requires `needed`.
    pub(crate) fn ask(&self, needed: &[&str]) -> OperationScopes {
        let names = ScopeNames {
            prefix: self.prefix.as_ref(),
            resource: self.resource.as_str(),
            optional: &texts(&self.optional),
            extra: &texts(&self.extra),
        };
        names.operation(needed)
    }

    /// Returns `true` if every admitted caller has `scope`, also by hierarchy.
    pub(super) fn is_guaranteed(&self, scope: &Scope) -> bool {
        let broader = self.hierarchy.broader_than(scope);
        self.required.iter().any(|required| required == scope || broader.contains(&required))
    }
}

fn texts(scopes: &[Scope]) -> Vec<&str> {
    scopes.iter().map(Scope::as_str).collect()
}

/// The protection that an attribute declares.
pub(crate) enum ProtectionDeclaration {
    Protected(Box<Protection>),
    Open,
    /// An invalid declaration, whose mistakes were reported.
    ///
    /// The scopes are kept if they are valid, so that those of the methods are checked all the same.
    Broken {
        scopes: Option<Vec<Scope>>,
    },
    /// A declaration in another block, because this one is a part.
    Elsewhere,
}

impl ProtectionDeclaration {
    pub(crate) fn new(attribute: &ServerAttribute, errors: &mut Errors) -> Self {
        let required = scopes(attribute.scopes.as_ref(), Scope::parse, &[], errors);
        let others = required.as_deref().unwrap_or_default();
        let optional = scopes(attribute.optional_scopes.as_ref(), Scope::parse, others, errors);
        let extra = scopes(attribute.extra_scopes.as_ref(), Scope::parse_extra, others, errors);
        let declared = match (&required, &optional) {
            (Some(required), Some(optional)) if attribute.complete => Some([&**required, optional].concat()),
            _ => None,
        };
        let hierarchy = hierarchy(attribute, declared.as_deref(), extra.as_deref().unwrap_or_default(), errors);
        let dpop = dpop(attribute, errors);
        let documentation = documentation(attribute, errors);
        let issuers = attribute.issuer.as_ref().map(|issuer| issuers(issuer, errors));
        let resource = attribute.resource.as_ref().map(|(_, literal)| parse_resource(literal, errors));
        if issuers.is_none() && resource.is_none() && attribute.complete {
            let Some(key) = first_dependent_key(attribute) else { return Self::Open };
            errors.at(
                key,
                format_args!(
                    "`{key}` needs a protected server; add `issuer = \"https://…\"` and `resource = \"https://…\"`"
                ),
            );
        } else if attribute.complete {
            check_pair(attribute, errors);
        }
        let (issuers, resource) = (issuers.flatten(), resource.flatten());
        let distinct = match (&attribute.issuer, &issuers, &resource) {
            (Some((_, literals)), Some(issuers), Some(resource)) => are_distinct(literals, issuers, resource, errors),
            _ => true,
        };
        let prefix = resource.as_ref().map_or(Some(None), |resource| prefix(attribute, resource, errors));
        let scopes = required.zip(optional).zip(extra).zip(prefix);
        match (issuers, resource, scopes, hierarchy.zip(dpop), documentation) {
            (Some(issuers), Some(resource), Some(scopes), Some((hierarchy, dpop)), Some(documentation))
                if attribute.complete && distinct =>
            {
                let (((required, optional), extra), prefix) = scopes;
                Self::Protected(Box::new(Protection {
                    issuers,
                    resource,
                    required,
                    optional,
                    extra,
                    prefix,
                    hierarchy,
                    dpop,
                    resource_name: attribute.resource_name.as_ref().map(|(_, literal)| literal.value()),
                    resource_documentation: documentation,
                }))
            }
            _ => Self::Broken { scopes: declared },
        }
    }

    /// Returns the scopes of `other` that a caller of `item` may lack.
    ///
    /// Returns `None` if the declaration is broken.
    pub(super) fn lacking<'a>(&self, item: &Item, other: &'a Item) -> Option<Vec<&'a str>> {
        let has = |scope: &Scope| item.scopes.iter().any(|(_, own)| own == scope);
        let is_covered = |scope: &Scope| match self {
            Self::Protected(protection) => {
                protection.is_guaranteed(scope)
                    || has(scope)
                    || protection.hierarchy.broader_than(scope).into_iter().any(has)
            }
            _ => has(scope),
        };
        if matches!(self, Self::Broken { .. }) {
            return None;
        }
        let scopes = other.scopes.iter().map(|(_, scope)| scope);
        Some(scopes.filter(|scope| !is_covered(scope)).map(Scope::as_str).collect())
    }

    /// Returns the protection, `Some(None)` for an open server, or `None` if unknown.
    pub(crate) fn into_option(self) -> Option<Option<Protection>> {
        match self {
            Self::Protected(protection) => Some(Some(*protection)),
            Self::Open => Some(None),
            Self::Broken { .. } | Self::Elsewhere => None,
        }
    }
}

/// Reports an `issuer` without a `resource`, and the reverse.
fn check_pair(attribute: &ServerAttribute, errors: &mut Errors) {
    match (&attribute.issuer, &attribute.resource) {
        (Some((key, _)), None) => errors.at(
            key,
            "`issuer` needs a `resource`; add `resource = \"https://…\"`, the public URL of this MCP endpoint",
        ),
        (None, Some((key, _))) => errors.at(
            key,
            "`resource` needs an `issuer`; add `issuer = \"https://…\"`, the authorization server that issues the tokens",
        ),
        _ => {}
    }
}

/// Returns the first key that only applies to a protected server.
fn first_dependent_key(attribute: &ServerAttribute) -> Option<&Ident> {
    [
        attribute.scopes.as_ref().map(|(key, _)| key),
        attribute.optional_scopes.as_ref().map(|(key, _)| key),
        attribute.extra_scopes.as_ref().map(|(key, _)| key),
        attribute.scope_prefix.as_ref().map(|(key, _)| key),
        attribute.hierarchy.as_ref().map(|(key, _)| key),
        attribute.dpop.as_ref().map(|(key, _)| key),
        attribute.resource_name.as_ref().map(|(key, _)| key),
        attribute.resource_documentation.as_ref().map(|(key, _)| key),
    ]
    .into_iter()
    .flatten()
    .next()
}

fn issuers((key, literals): &(Ident, Vec<LitStr>), errors: &mut Errors) -> Option<Vec<Issuer>> {
    if literals.is_empty() {
        errors.at(key, "`issuer` names no authorization server; write `issuer = \"https://…\"`");
        return None;
    }
    let mut issuers = Vec::new();
    let mut valid = true;
    for literal in literals {
        match errors.check(literal, "invalid `issuer`", Issuer::parse(literal.value())) {
            Some(issuer) if issuers.contains(&issuer) => {
                errors.at(literal, format_args!("the issuer `{issuer}` is given twice; remove one"));
                valid = false;
            }
            Some(issuer) => issuers.push(issuer),
            None => valid = false,
        }
    }
    valid.then_some(issuers)
}

/// Returns `true` if no issuer is the resource itself.
fn are_distinct(literals: &[LitStr], issuers: &[Issuer], resource: &Resource, errors: &mut Errors) -> bool {
    let mut valid = true;
    for (literal, issuer) in literals.iter().zip(issuers) {
        valid &= errors
            .check(literal, "invalid `issuer`", IssuerConflict::check(issuer.as_str(), resource.as_str()))
            .is_some();
    }
    valid
}

fn parse_resource(literal: &LitStr, errors: &mut Errors) -> Option<Resource> {
    errors.check(literal, "invalid `resource`", Resource::parse(literal.value()))
}

/// Validates the `scope_prefix`, and that no scope starts with it.
fn prefix(attribute: &ServerAttribute, resource: &Resource, errors: &mut Errors) -> Option<Option<ScopePrefix>> {
    let Some((_, literal)) = &attribute.scope_prefix else { return Some(None) };
    let prefix = ScopePrefix::parse(&literal.value(), resource.as_str());
    let prefix = errors.check(literal, "invalid `scope_prefix`", prefix)?;
    let lists = [&attribute.scopes, &attribute.optional_scopes, &attribute.extra_scopes];
    let mut valid = true;
    for literal in lists.into_iter().flatten().flat_map(|(_, literals)| literals) {
        let checked = prefix.check(&literal.value(), resource.as_str());
        valid &= errors.check(literal, "invalid scope", checked).is_some();
    }
    valid.then_some(Some(prefix))
}

/// Validates a list of scopes: not empty, without duplicates, without `others`.
fn scopes(
    list: Option<&(Ident, Vec<LitStr>)>,
    parse: fn(String) -> Result<Scope, ScopeError>,
    others: &[Scope],
    errors: &mut Errors,
) -> Option<Vec<Scope>> {
    let Some((key, literals)) = list else { return Some(Vec::new()) };
    if literals.is_empty() {
        errors.at(key, format_args!("`{key}` is empty; name a scope, or remove the key"));
        return None;
    }
    let mut scopes: Vec<Scope> = Vec::new();
    let mut valid = true;
    for literal in literals {
        match errors.check(literal, "invalid scope", parse(literal.value())) {
            Some(scope) if scopes.contains(&scope) => {
                errors.at(literal, format_args!("the scope `{scope}` is given twice; remove one"));
                valid = false;
            }
            Some(scope) if others.contains(&scope) => {
                errors.at(
                    literal,
                    format_args!(
                        "the scope `{scope}` is already in `scopes`, so every request needs it; remove it here"
                    ),
                );
                valid = false;
            }
            Some(scope) => scopes.push(scope),
            None => valid = false,
        }
    }
    valid.then_some(scopes)
}

fn hierarchy(
    attribute: &ServerAttribute,
    declared: Option<&[Scope]>,
    extra: &[Scope],
    errors: &mut Errors,
) -> Option<Hierarchy> {
    let Some((key, chains)) = &attribute.hierarchy else { return Some(Hierarchy::default()) };
    if chains.is_empty() {
        errors.at(key, "`hierarchy` is empty; name a chain, or remove the key");
        return None;
    }
    let mut hierarchy = Some(Hierarchy::default());
    let mut edges = Vec::new();
    for chain in chains {
        let mut broader: Option<Scope> = None;
        for literal in chain {
            let Some(scope) = declared_scope(literal, declared, extra, "the hierarchy", errors) else {
                hierarchy = None;
                continue;
            };
            let Some(broader) = broader.replace(scope.clone()) else { continue };
            edges.push((broader, scope));
            // The hierarchy is built for each pair, so that the error is under the one that closes a cycle.
            if hierarchy.is_some() {
                hierarchy = errors.check(literal, "invalid `hierarchy`", Hierarchy::new(edges.iter().cloned()));
            }
        }
    }
    hierarchy
}

fn dpop(attribute: &ServerAttribute, errors: &mut Errors) -> Option<Dpop> {
    let Some((_, literal)) = &attribute.dpop else { return Some(Dpop::Refused) };
    errors.check(literal, "invalid `dpop`", Dpop::parse(&literal.value()))
}

fn documentation(attribute: &ServerAttribute, errors: &mut Errors) -> Option<Option<String>> {
    let Some((_, literal)) = &attribute.resource_documentation else { return Some(None) };
    let url = literal.value();
    let checked = mcp_core::documentation_url(&url);
    errors.check(literal, "invalid `resource_documentation`", checked).map(|()| Some(url))
}

/// Validates a scope that the server must declare.
pub(super) fn declared_scope(
    literal: &LitStr,
    declared: Option<&[Scope]>,
    extra: &[Scope],
    user: &str,
    errors: &mut Errors,
) -> Option<Scope> {
    let scope = errors.check(literal, "invalid scope", Scope::parse(literal.value()))?;
    let Some(declared) = declared.filter(|declared| !declared.contains(&scope)) else { return Some(scope) };
    let close = mcp_core::closest(scope.as_str(), declared.iter().map(Scope::as_str));
    // A declared scope may be written with the `scope_prefix`, as clients request it.
    let own = || declared.iter().map(Scope::as_str).find(|own| has_prefix(own, scope.as_str()));
    let hint = match close.or_else(own) {
        _ if extra.contains(&scope) => format!(
            "clients ask for what is in `extra_scopes`, and no token must have it; add it to `optional_scopes`, too: \
             `optional_scopes = [\"{scope}\"]`"
        ),
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add it to `optional_scopes` of `#[mcp::server]`: `optional_scopes = [\"{scope}\"]`"),
    };
    errors.at(literal, format_args!("{user} names the scope `{scope}`, which the server does not declare; {hint}"));
    None
}

/// Returns `true` if `scope` is `own` with a prefix.
fn has_prefix(own: &str, scope: &str) -> bool {
    scope.strip_suffix(own).is_some_and(|prefix| prefix.ends_with(['/', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn declared(tokens: TokenStream) -> (ProtectionDeclaration, Vec<String>) {
        let mut errors = Errors::default();
        let attribute = ServerAttribute::parse(tokens, &mut errors);
        let declared = ProtectionDeclaration::new(&attribute, &mut errors);
        (declared, errors.messages())
    }

    fn protected(tokens: &TokenStream) -> (ProtectionDeclaration, Vec<String>) {
        declared(quote!(issuer = "https://a.example.com", resource = "https://b.example.com/mcp", #tokens))
    }

    #[test]
    fn both_addresses_make_a_protected_server_and_none_an_open_one() {
        assert!(matches!(protected(&quote!()), (ProtectionDeclaration::Protected(_), errors) if errors.is_empty()));
        assert!(matches!(declared(quote!(name = "x")), (ProtectionDeclaration::Open, errors) if errors.is_empty()));
    }

    #[test]
    fn what_could_not_be_read_is_not_missing() {
        for tokens in [
            quote!(isuer = "https://a.example.com", resource = "https://b.example.com/mcp"),
            quote!(issuer = ISSUER, resource = "https://b.example.com/mcp"),
            quote!(issuer = "https://a.example.com", resuorce = "https://b.example.com/mcp", scopes = ["a"]),
            quote!(issuer = "https://a.example.com", resource = "https://b.example.com/mcp", scope = ["a"]),
        ] {
            let (declared, errors) = declared(tokens);
            assert!(matches!(declared, ProtectionDeclaration::Broken { scopes: None }), "the scopes are unknown");
            assert_eq!(errors.len(), 1, "{errors:?}");
        }
    }

    #[test]
    fn scopes_stay_known_where_something_else_is_wrong() {
        let (declared, errors) = declared(quote!(
            issuer = "http://a.example.com",
            resource = "https://b.example.com/mcp",
            scopes = ["a"],
            optional_scopes = ["b"],
        ));
        let ProtectionDeclaration::Broken { scopes: Some(scopes) } = declared else { panic!("broken, with scopes") };
        assert_eq!(scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(errors.len(), 1, "{errors:?}");
    }

    #[test]
    fn an_invalid_list_of_scopes_has_no_consequences() {
        let (_, errors) = protected(&quote!(scopes = ["a b"], optional_scopes = ["c"], hierarchy = ["c" > "a"]));
        assert_eq!(errors, ["invalid scope: a scope has no spaces; write each on its own: `[\"a\", \"b\"]`"]);
    }

    #[test]
    fn a_scope_with_its_prefix_is_told_without() {
        let (_, errors) = protected(&quote!(
            scopes = ["notes.read"],
            optional_scopes = ["notes.write"],
            scope_prefix = "{resource}/",
            hierarchy = ["https://b.example.com/mcp/notes.write" > "notes.read"],
        ));
        assert_eq!(
            errors,
            [
                "the hierarchy names the scope `https://b.example.com/mcp/notes.write`, which the server does not declare; \
              did you mean `notes.write`?"
            ]
        );
    }

    #[test]
    fn a_hierarchy_is_a_set_of_chains() {
        let scopes = quote!(scopes = ["r"], optional_scopes = ["w", "a", "x"]);
        let ProtectionDeclaration::Protected(protection) =
            protected(&quote!(#scopes, hierarchy = ["a" > "w" > "r", "x" > "r"])).0
        else {
            panic!("a valid server")
        };
        let broader = protection.hierarchy.broader_than(&protection.required[0]);
        assert_eq!(broader.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(), ["w", "x", "a"]);

        let (_, errors) = protected(&quote!(#scopes, hierarchy = ["a" > "w", "w" > "r", "r" > "a", "x" > "x"]));
        assert_eq!(
            errors,
            ["invalid `hierarchy`: `a` would include itself; a hierarchy goes from broad to narrow only"]
        );
    }
}
