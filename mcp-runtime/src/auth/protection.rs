use std::borrow::Cow;
use std::fmt;

use mcp_core::{Issuer, MetadataDocument, Resource, UrlError};

/// What `#[mcp::server]` writes for a protected server: every text that the guard sends, ready to be sent.
#[doc(hidden)]
#[derive(Debug)]
pub struct DeclaredProtection {
    pub issuers: &'static [&'static str],
    pub resource: &'static str,
    /// The path of the MCP endpoint.
    pub endpoint: &'static str,
    pub metadata_path: &'static str,
    pub metadata_url: &'static str,
    pub metadata_document: &'static str,
    pub resource_name: Option<&'static str>,
    pub resource_documentation: Option<&'static str>,
    /// What every request needs.
    pub required: &'static ScopeSet,
    /// For each scope that others include, those others.
    pub hierarchy: &'static [(&'static str, &'static [&'static str])],
    pub challenges: Challenges,
}

impl DeclaredProtection {
    /// For a server whose attribute does not compile, so that its uses bring no further errors.
    pub const UNDECLARED: &'static Self = &Self {
        issuers: &[],
        resource: "",
        endpoint: "",
        metadata_path: "",
        metadata_url: "",
        metadata_document: "",
        resource_name: None,
        resource_documentation: None,
        required: ScopeSet::NONE,
        hierarchy: &[],
        challenges: Challenges {
            authentication_required: "",
            token_expired: "",
            wrong_audience: "",
            invalid_request: "",
        },
    };
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

/// The scopes of an operation, with what a client is told that lacks one.
#[doc(hidden)]
#[derive(Debug)]
pub struct ScopeSet {
    pub scopes: &'static [&'static str],
    pub challenge: &'static str,
    pub body: &'static str,
}

impl ScopeSet {
    /// The set of an operation that needs nothing.
    #[doc(hidden)]
    pub const NONE: &'static Self = &Self { scopes: &[], challenge: "", body: "" };
}

/// The issuer and resource of a server, to be replaced when they are not those of the source: staging, production.
///
/// Start from the server's own and replace what differs. The same rules hold as at compile time, and a violation
/// is an error here, before the server listens.
///
/// ```
/// # use mcp::{AccessToken, Http, Protection, ProtectionError, StaticTokens};
/// # struct Notes;
/// # #[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # fn main() -> Result<(), ProtectionError> {
/// # let tokens = StaticTokens::new([("t", AccessToken::new("alice"))]);
/// let protection = Protection::of::<Notes>()
///     .issuer("https://login.example.com")?
///     .resource("https://notes.example.com/mcp")?;
/// let http = Http::protected(Notes, tokens).protection(protection);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Protection {
    declared: &'static DeclaredProtection,
    issuers: Option<Vec<Issuer>>,
    resource: Option<Resource>,
}

impl Protection {
    pub(crate) fn new(declared: &'static DeclaredProtection) -> Self {
        Self { declared, issuers: None, resource: None }
    }

    /// Replaces the issuers by this one.
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would not accept it as an issuer.
    pub fn issuer(self, issuer: impl Into<String>) -> Result<Self, ProtectionError> {
        self.issuers([issuer])
    }

    /// Replaces the issuers by these.
    ///
    /// # Errors
    /// [`ProtectionError`] when there is none, one twice, or one that clients would not accept.
    pub fn issuers<T: Into<String>>(mut self, issuers: impl IntoIterator<Item = T>) -> Result<Self, ProtectionError> {
        let mut parsed: Vec<Issuer> = Vec::new();
        for text in issuers {
            let issuer = Issuer::parse(text).map_err(|error| ProtectionError(Problem::Issuer(error)))?;
            if parsed.contains(&issuer) {
                return Err(ProtectionError(Problem::DuplicateIssuer(issuer)));
            }
            parsed.push(issuer);
        }
        if parsed.is_empty() {
            return Err(ProtectionError(Problem::NoIssuer));
        }
        self.issuers = Some(parsed);
        Ok(self)
    }

    /// Replaces the resource, and with it the path of the endpoint and where the metadata document is.
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would disagree about its spelling.
    pub fn resource(mut self, resource: impl Into<String>) -> Result<Self, ProtectionError> {
        let resource = Resource::parse(resource).map_err(|error| ProtectionError(Problem::Resource(error)))?;
        self.resource = Some(resource);
        Ok(self)
    }

    /// The issuers whose tokens are accepted.
    pub fn issuer_urls(&self) -> impl Iterator<Item = &str> {
        let replaced = self.issuers.iter().flatten().map(Issuer::as_str);
        let declared = self.declared.issuers.iter().copied();
        replaced.chain(declared.take(if self.issuers.is_some() { 0 } else { usize::MAX }))
    }

    /// The resource that tokens must be issued for.
    #[must_use]
    pub fn resource_url(&self) -> &str {
        self.resource.as_ref().map_or(self.declared.resource, Resource::as_str)
    }

    /// The scopes that every request needs.
    #[must_use]
    pub fn required_scopes(&self) -> &'static [&'static str] {
        self.declared.required.scopes
    }

    /// Whether `granted` covers `scope`, itself or by a broader one of the hierarchy.
    pub(crate) fn covers(&self, granted: &[String], scope: &str) -> bool {
        let has = |wanted: &str| granted.iter().any(|scope| scope == wanted);
        has(scope)
            || (self.declared.hierarchy.iter())
                .any(|(narrow, broader)| *narrow == scope && broader.iter().any(|broad| has(broad)))
    }
}

#[cfg(feature = "http")]
impl Protection {
    pub(crate) fn declared(&self) -> &'static DeclaredProtection {
        self.declared
    }

    pub(crate) fn metadata_url(&self) -> Cow<'static, str> {
        self.replaced_metadata_url().map_or(Cow::Borrowed(self.declared.metadata_url), Cow::Owned)
    }

    /// The new metadata URL, if the challenges in the source no longer hold.
    pub(crate) fn replaced_metadata_url(&self) -> Option<String> {
        self.resource.as_ref().map(Resource::metadata_url)
    }

    pub(crate) fn endpoint(&self) -> Cow<'static, str> {
        match &self.resource {
            Some(resource) => Cow::Owned(resource.endpoint().to_owned()),
            None => Cow::Borrowed(self.declared.endpoint),
        }
    }

    pub(crate) fn metadata_path(&self) -> Cow<'static, str> {
        match &self.resource {
            Some(resource) => Cow::Owned(resource.metadata_path()),
            None => Cow::Borrowed(self.declared.metadata_path),
        }
    }

    pub(crate) fn metadata_document(&self) -> Cow<'static, str> {
        if self.issuers.is_none() && self.resource.is_none() {
            return Cow::Borrowed(self.declared.metadata_document);
        }
        let document = MetadataDocument {
            resource: self.resource_url(),
            authorization_servers: &self.issuer_urls().collect::<Vec<_>>(),
            scopes_supported: self.required_scopes(),
            resource_name: self.declared.resource_name,
            resource_documentation: self.declared.resource_documentation,
        };
        Cow::Owned(document.to_json())
    }
}

/// Why an issuer or a resource cannot be used. The message says what to write.
#[derive(Clone, PartialEq, Eq)]
pub struct ProtectionError(Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Issuer(UrlError),
    DuplicateIssuer(Issuer),
    NoIssuer,
    Resource(UrlError),
}

impl fmt::Display for ProtectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Issuer(error) => write!(f, "invalid issuer: {error}"),
            Problem::DuplicateIssuer(issuer) => write!(f, "the issuer `{issuer}` is given twice"),
            Problem::NoIssuer => f.write_str("a protected server needs at least one issuer"),
            Problem::Resource(error) => write!(f, "invalid resource: {error}"),
        }
    }
}

/// The message, because that is what is printed when `main` returns the error.
impl fmt::Debug for ProtectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ProtectionError {}

/// So that `main` can return `std::io::Result`, as it does for `serve`.
impl From<ProtectionError> for std::io::Error {
    fn from(error: ProtectionError) -> Self {
        Self::new(std::io::ErrorKind::InvalidInput, error)
    }
}
