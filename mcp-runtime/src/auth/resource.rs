//! The protected resource (RFC 9728): declared in the source, and perhaps replaced at start.

use std::borrow::Cow;
use std::sync::Arc;

use mcp_core::{
    Dpop, Hierarchy, Issuer, IssuerConflict, MetadataDocument, OperationScopes, Resource, Scope, ScopeNames,
    ScopePrefix,
};

use super::AccessToken;
use super::hierarchy::ScopeHierarchy;
use super::protection_error::{Problem, ProtectionError};

/// The protection that `#[mcp::server]` writes, with all texts that are served.
#[doc(hidden)]
#[derive(Debug)]
pub struct DeclaredProtection {
    pub issuers: &'static [&'static str],
    pub resource: &'static str,
    /// Scheme and authority of the resource.
    pub origin: &'static str,
    /// The path of the MCP endpoint.
    pub endpoint: &'static str,
    pub metadata_path: &'static str,
    pub metadata_url: &'static str,
    pub metadata_document: &'static str,
    pub resource_name: Option<&'static str>,
    pub resource_documentation: Option<&'static str>,
    /// The scopes that every request needs.
    pub required: &'static ScopeSet,
    /// The scopes that single operations may need beyond the required ones.
    pub optional: &'static [&'static str],
    /// The scopes that clients ask for beyond what a token must have.
    pub extra: &'static [&'static str],
    /// The text before each scope of the server, where clients ask for it.
    pub scope_prefix: Option<&'static str>,
    /// Pairs of a scope and the broader ones that include it.
    pub hierarchy: &'static [(&'static str, &'static [&'static str])],
    /// The treatment of tokens that are bound to a key.
    pub dpop: Dpop,
    pub challenges: Challenges,
}

impl DeclaredProtection {
    /// The protection of a server whose attribute does not compile.
    pub const UNDECLARED: &'static Self = &Self {
        issuers: &[],
        resource: "",
        origin: "",
        endpoint: "",
        metadata_path: "",
        metadata_url: "",
        metadata_document: "",
        resource_name: None,
        resource_documentation: None,
        required: ScopeSet::NONE,
        optional: &[],
        extra: &[],
        scope_prefix: None,
        hierarchy: &[],
        dpop: Dpop::Refused,
        challenges: Challenges {
            authentication_required: "",
            token_expired: "",
            wrong_audience: "",
            invalid_request: "",
        },
    };

    /// Returns `true` if a part of the server may need `scope`.
    ///
    /// It is always `true` for a server whose attribute does not compile.
    #[must_use]
    pub const fn declares(&self, scope: &str) -> bool {
        self.resource.is_empty() || contains(self.required.scopes, scope) || contains(self.optional, scope)
    }

    /// Returns `true` if the server requires `scope` or a broader one.
    #[must_use]
    pub const fn is_everyones(&self, scope: &str) -> bool {
        let mut index = 0;
        while index < self.hierarchy.len() {
            let (narrow, broader) = self.hierarchy[index];
            if is_equal(narrow.as_bytes(), scope.as_bytes()) && overlap(broader, self.required.scopes) {
                return true;
            }
            index += 1;
        }
        contains(self.required.scopes, scope)
    }
}

/// Returns `true` if a text is in both lists.
const fn overlap(some: &[&str], others: &[&str]) -> bool {
    let mut index = 0;
    while index < some.len() {
        if contains(others, some[index]) {
            return true;
        }
        index += 1;
    }
    false
}

/// Returns `true` if a text is in a list, without iterators, in constants.
const fn contains(texts: &[&str], text: &str) -> bool {
    let mut index = 0;
    while index < texts.len() {
        if is_equal(texts[index].as_bytes(), text.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

/// The values of `WWW-Authenticate` that do not depend on the operation.
#[doc(hidden)]
#[derive(Debug)]
pub struct Challenges {
    pub authentication_required: &'static str,
    pub token_expired: &'static str,
    pub wrong_audience: &'static str,
    pub invalid_request: &'static str,
}

/// The scopes of an operation, with the challenge for a client that lacks one.
#[doc(hidden)]
#[derive(Debug)]
pub struct ScopeSet {
    pub scopes: &'static [&'static str],
    pub challenge: &'static str,
}

impl ScopeSet {
    /// The set of an operation that needs nothing.
    #[doc(hidden)]
    pub const NONE: &'static Self = &Self { scopes: &[], challenge: "" };
}

/// All scopes that an operation needs.
#[derive(Debug, Clone)]
pub(crate) enum RequiredScopes {
    /// The scopes of an item of the server, with the challenge in its source.
    Declared(&'static ScopeSet),
    /// The scopes of the server and of an item in a part.
    Composed(Box<[&'static str]>),
}

impl RequiredScopes {
    pub(crate) fn scopes(&self) -> &[&'static str] {
        match self {
            Self::Declared(set) => set.scopes,
            Self::Composed(scopes) => scopes,
        }
    }
}

/// A protected resource (RFC 9728 §1.2) as it is served.
#[derive(Debug, Clone)]
pub(crate) struct ProtectedResource {
    declared: &'static DeclaredProtection,
    /// The scopes that every request needs.
    required: &'static [&'static str],
    /// The scopes that single operations may need beyond the required ones.
    optional: &'static [&'static str],
    hierarchy: Arc<ScopeHierarchy>,
    pub(crate) issuers: Vec<Cow<'static, str>>,
    /// The scopes that clients ask for beyond what a token must have.
    extra: Vec<Cow<'static, str>>,
    scope_prefix: Option<ScopePrefix>,
    dpop: Dpop,
    /// Set if the texts in the source are not those of this resource.
    is_replaced: bool,
    /// The resource identifier, from which the fields below are made.
    pub(crate) url: Cow<'static, str>,
    pub(crate) origin: Cow<'static, str>,
    pub(crate) endpoint: Cow<'static, str>,
    pub(crate) metadata_path: Cow<'static, str>,
    pub(crate) metadata_url: Cow<'static, str>,
}

impl ProtectedResource {
    pub(crate) fn new(declared: &'static DeclaredProtection) -> Self {
        Self {
            declared,
            required: declared.required.scopes,
            optional: declared.optional,
            hierarchy: Arc::new(ScopeHierarchy(
                declared.hierarchy.iter().map(|(narrow, broader)| (*narrow, broader.to_vec())).collect(),
            )),
            issuers: declared.issuers.iter().copied().map(Cow::Borrowed).collect(),
            extra: declared.extra.iter().copied().map(Cow::Borrowed).collect(),
            scope_prefix: declared.scope_prefix.map(ScopePrefix::declared),
            dpop: declared.dpop,
            is_replaced: false,
            url: declared.resource.into(),
            origin: declared.origin.into(),
            endpoint: declared.endpoint.into(),
            metadata_path: declared.metadata_path.into(),
            metadata_url: declared.metadata_url.into(),
        }
    }

    /// Returns the scopes with these names, if the server has all of them.
    pub(crate) fn scopes_named(&self, names: &[String]) -> Option<RequiredScopes> {
        let known = || self.required.iter().chain(self.optional).copied();
        let scopes = names.iter().map(|name| known().find(|scope| scope == name));
        scopes.collect::<Option<_>>().map(RequiredScopes::Composed)
    }

    /// Creates a resource without a server in the source, and without scopes.
    pub(crate) fn undeclared(issuer: impl Into<String>, resource: impl Into<String>) -> Result<Self, ProtectionError> {
        let mut this = Self { is_replaced: true, ..Self::new(DeclaredProtection::UNDECLARED) };
        this.replace_resource(resource)?;
        this.replace_issuers([issuer])?;
        Ok(this)
    }

    /// Sets the scopes that every request needs, of a resource that is not in the source.
    pub(crate) fn set_required(&mut self, scopes: &'static [&'static str]) -> Result<(), ProtectionError> {
        check_list(scopes, self.optional)?;
        self.required = scopes;
        self.check_own_scopes()
    }

    /// Sets the scopes that single operations may need, of a resource that is not in the source.
    pub(crate) fn set_optional(&mut self, scopes: &'static [&'static str]) -> Result<(), ProtectionError> {
        check_list(scopes, self.required)?;
        self.optional = scopes;
        self.check_own_scopes()
    }

    /// Sets the hierarchy, of a resource that is not in the source.
    ///
    /// Each chain begins with the broadest scope.
    pub(crate) fn set_hierarchy(&mut self, chains: &[&'static [&'static str]]) -> Result<(), ProtectionError> {
        let scopes: Vec<&'static str> = self.required.iter().chain(self.optional).copied().collect();
        let mut edges = Vec::new();
        for chain in chains {
            for pair in chain.windows(2) {
                let [broad, narrow] = pair else { continue };
                edges.push((self.own_scope(broad)?.0, self.own_scope(narrow)?.0));
            }
        }
        let hierarchy = Hierarchy::new(edges).map_err(|cycle| ProtectionError(Problem::Cycle(cycle)))?;
        let broader = |scope: &&'static str| {
            let parsed = Scope::parse(*scope).ok()?;
            let broader = hierarchy.broader_than(&parsed);
            let broader = scopes.iter().copied().filter(|other| broader.iter().any(|broad| broad.as_str() == *other));
            Some((*scope, broader.collect()))
        };
        self.hierarchy = Arc::new(ScopeHierarchy(
            scopes.iter().filter_map(broader).filter(|(_, broader): &(_, Vec<_>)| !broader.is_empty()).collect(),
        ));
        Ok(())
    }

    /// Finds a scope among those of the resource.
    pub(crate) fn own_scope(&self, text: &str) -> Result<(Scope, &'static str), ProtectionError> {
        let scope = Scope::parse(text).map_err(|error| ProtectionError(Problem::Scope(error)))?;
        let mut own = self.required.iter().chain(self.optional).copied();
        match own.clone().find(|own| *own == scope.as_str()) {
            Some(own) => Ok((scope, own)),
            None => {
                let meant = mcp_core::closest(scope.as_str(), &mut own).map(str::to_owned);
                Err(ProtectionError(Problem::UnknownScope { scope, meant }))
            }
        }
    }

    pub(crate) fn replace_issuers<T: Into<String>>(
        &mut self,
        issuers: impl IntoIterator<Item = T>,
    ) -> Result<(), ProtectionError> {
        let mut replaced: Vec<Cow<'static, str>> = Vec::new();
        for text in issuers {
            let issuer = Issuer::parse(text).map_err(|error| ProtectionError(Problem::Issuer(error)))?;
            IssuerConflict::check(issuer.as_str(), &self.url)
                .map_err(|error| ProtectionError(Problem::IssuerConflict(error)))?;
            if replaced.iter().any(|other| other == issuer.as_str()) {
                return Err(ProtectionError(Problem::DuplicateIssuer(issuer)));
            }
            replaced.push(issuer.as_str().to_owned().into());
        }
        if replaced.is_empty() {
            return Err(ProtectionError(Problem::NoIssuer));
        }
        self.issuers = replaced;
        Ok(())
    }

    pub(crate) fn replace_resource(&mut self, resource: impl Into<String>) -> Result<(), ProtectionError> {
        let resource = Resource::parse(resource).map_err(|error| ProtectionError(Problem::Resource(error)))?;
        for issuer in &self.issuers {
            IssuerConflict::check(issuer, resource.as_str())
                .map_err(|error| ProtectionError(Problem::IssuerConflict(error)))?;
        }
        self.check_scopes(self.scope_prefix.as_ref(), &self.extra, resource.as_str())?;
        self.is_replaced |= self.url != resource.as_str();
        self.url = resource.as_str().to_owned().into();
        self.origin = resource.origin().to_owned().into();
        self.endpoint = resource.endpoint().to_owned().into();
        self.metadata_path = resource.metadata_path().into();
        self.metadata_url = resource.metadata_url().into();
        Ok(())
    }

    pub(crate) fn replace_scope_prefix(&mut self, prefix: &str) -> Result<(), ProtectionError> {
        let prefix = ScopePrefix::parse(prefix, &self.url);
        let prefix = Some(prefix.map_err(|error| ProtectionError(Problem::ScopePrefix(error)))?);
        self.check_scopes(prefix.as_ref(), &self.extra, &self.url)?;
        self.is_replaced |= self.scope_prefix != prefix;
        self.scope_prefix = prefix;
        Ok(())
    }

    pub(crate) fn remove_scope_prefix(&mut self) {
        self.is_replaced |= self.scope_prefix.is_some();
        self.scope_prefix = None;
    }

    pub(crate) fn replace_dpop(&mut self, dpop: Dpop) {
        self.is_replaced |= self.dpop != dpop;
        self.dpop = dpop;
    }

    pub(crate) fn replace_extra_scopes<T: Into<String>>(
        &mut self,
        scopes: impl IntoIterator<Item = T>,
    ) -> Result<(), ProtectionError> {
        let mut replaced: Vec<Cow<'static, str>> = Vec::new();
        for text in scopes {
            let scope = Scope::parse_extra(text).map_err(|error| ProtectionError(Problem::ExtraScope(error)))?;
            if replaced.iter().any(|other| other == scope.as_str()) || self.required.contains(&scope.as_str()) {
                return Err(ProtectionError(Problem::DuplicateScope(scope)));
            }
            replaced.push(scope.as_str().to_owned().into());
        }
        self.check_scopes(self.scope_prefix.as_ref(), &replaced, &self.url)?;
        self.is_replaced |= self.extra != replaced;
        self.extra = replaced;
        Ok(())
    }

    /// Checks that no scope is written with the prefix.
    fn check_scopes(
        &self,
        prefix: Option<&ScopePrefix>,
        extra: &[Cow<'static, str>],
        resource: &str,
    ) -> Result<(), ProtectionError> {
        let Some(prefix) = prefix else { return Ok(()) };
        let own = self.required.iter().chain(self.optional).copied();
        for scope in own.chain(extra.iter().map(AsRef::as_ref)) {
            prefix.check(scope, resource).map_err(|error| ProtectionError(Problem::ScopePrefix(error)))?;
        }
        Ok(())
    }

    fn check_own_scopes(&self) -> Result<(), ProtectionError> {
        self.check_scopes(self.scope_prefix.as_ref(), &self.extra, &self.url)
    }

    /// Returns the treatment of tokens that are bound to a key.
    pub(crate) fn dpop(&self) -> Dpop {
        self.dpop
    }

    /// Returns the name for people.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.declared.resource_name
    }

    /// Returns the address of the documentation for people.
    pub(crate) fn documentation(&self) -> Option<&'static str> {
        self.declared.resource_documentation
    }

    /// Returns the scopes that every request needs.
    pub(crate) fn required(&self) -> &'static [&'static str] {
        self.required
    }

    /// Returns the scopes that every request needs, with the challenge in the source if there is one.
    pub(crate) fn required_set(&self) -> RequiredScopes {
        let declared = self.declared.required;
        // An undeclared resource has other scopes than the source.
        if declared.scopes == self.required {
            RequiredScopes::Declared(declared)
        } else {
            RequiredScopes::Composed(self.required.into())
        }
    }

    /// Returns `true` if an operation of the server may need `scope`.
    pub(crate) fn declares(&self, scope: &str) -> bool {
        self.required.contains(&scope) || self.optional.contains(&scope)
    }

    /// Returns the scopes that single operations may need beyond the required ones.
    #[cfg(feature = "testing")]
    pub(crate) fn optional(&self) -> &'static [&'static str] {
        self.optional
    }

    /// Returns pairs of a scope and the broader ones that include it.
    pub(crate) fn hierarchy(&self) -> &Arc<ScopeHierarchy> {
        &self.hierarchy
    }

    /// Returns the text before each scope of the server, where clients ask for it.
    #[cfg(feature = "jwt")]
    pub(crate) fn scope_prefix(&self) -> Option<&ScopePrefix> {
        self.scope_prefix.as_ref()
    }

    /// Returns the scopes that clients ask for beyond the needed ones.
    #[cfg(feature = "jwt")]
    pub(crate) fn extra(&self) -> &[Cow<'static, str>] {
        &self.extra
    }

    /// Returns the scopes that clients ask for when they need `needed`.
    pub(crate) fn ask(&self, needed: &[&str]) -> OperationScopes {
        let names = ScopeNames {
            prefix: self.scope_prefix.as_ref(),
            resource: &self.url,
            optional: self.optional,
            extra: &self.extra.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        };
        names.operation(needed)
    }

    pub(crate) fn metadata_document(&self) -> String {
        let issuers: Vec<&str> = self.issuers.iter().map(AsRef::as_ref).collect();
        if !self.is_replaced && issuers == self.declared.issuers {
            return self.declared.metadata_document.to_owned();
        }
        let scopes = self.ask(self.required);
        let document = MetadataDocument {
            resource: &self.url,
            authorization_servers: &issuers,
            scopes_supported: scopes.all(),
            dpop: self.dpop,
            resource_name: self.name(),
            resource_documentation: self.documentation(),
        };
        document.to_json()
    }

    /// Returns the challenges of the source, unless what they name was replaced.
    pub(crate) fn challenges(&self) -> Option<&'static Challenges> {
        (!self.is_replaced).then_some(&self.declared.challenges)
    }

    /// Returns `true` if a token has all of `scopes`, or broader ones of the hierarchy.
    pub(crate) fn allows(&self, token: &AccessToken, scopes: &[&str]) -> bool {
        scopes.iter().all(|scope| self.satisfies(&token.scopes, scope))
    }

    /// Returns `true` if `granted` has `scope`, or a broader one of the hierarchy.
    pub(crate) fn satisfies(&self, granted: &[String], scope: &str) -> bool {
        self.hierarchy.satisfies(granted, scope)
    }
}

/// Checks the scopes of a list, which may not contain `others`.
fn check_list(scopes: &[&'static str], others: &[&'static str]) -> Result<(), ProtectionError> {
    for (index, text) in scopes.iter().enumerate() {
        let scope = Scope::parse(*text).map_err(|error| ProtectionError(Problem::Scope(error)))?;
        if scopes[..index].contains(text) || others.contains(text) {
            return Err(ProtectionError(Problem::RepeatedScope(scope)));
        }
    }
    Ok(())
}
