//! The protection of a server, as it is set at start.

use std::fmt;
use std::marker::PhantomData;

use mcp_core::Dpop;

use super::{DeclaredProtection, ProtectedResource, ProtectionError};

/// The protection of the server `S`: its issuers, resource and scopes.
///
/// [`Protection::of`] is that of a server in the source, and [`Protection::new`] that of another program, for a
/// [`ResourceServer`](crate::ResourceServer).
///
/// Begin with the protection that the source declares, and replace what differs in staging or production. The same rules
/// hold as at compile time, and a violation is an error here, before the server listens. The scopes of the server and
/// their hierarchy can't be replaced.
///
/// Give one `Protection` to both the verifier and [`Http::protection`](crate::Http::protection): a server does not
/// start with a verifier that was made for another one.
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
/// # let tokens = StaticTokens::new([("t", AccessToken::ours("alice"))]);
/// let protection = Protection::of::<Notes>()
///     .issuer("https://login.example.com")?
///     .resource("https://notes.example.com/mcp")?;
/// let http = Http::protected(Notes, tokens).protection(protection);
/// # Ok(())
/// # }
/// ```
pub struct Protection<S> {
    resource: ProtectedResource,
    /// The scopes belong to this server, and mean nothing to another one.
    server: PhantomData<fn() -> S>,
}

/// The protection of a program without an `#[mcp::server]`.
impl Protection<()> {
    /// Creates the protection of a program that is not a server of this crate, without scopes.
    ///
    /// It is for a [`ResourceServer`](crate::ResourceServer). The rules are those of the attribute `#[mcp::server]`,
    /// checked when the program starts.
    ///
    /// ```
    /// # fn main() -> Result<(), mcp::ProtectionError> {
    /// let protection = mcp::Protection::new("https://auth.example.com", "https://orders.example.com/api")?
    ///     .scopes(&["orders:read"])?
    ///     .optional_scopes(&["orders:write", "orders:admin"])?
    ///     .hierarchy(&[&["orders:admin", "orders:write", "orders:read"]])?;
    /// assert_eq!(protection.required_scopes(), ["orders:read"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would not accept the issuer or the resource, or when both are one.
    pub fn new(issuer: impl Into<String>, resource: impl Into<String>) -> Result<Self, ProtectionError> {
        Ok(Self { resource: ProtectedResource::undeclared(issuer, resource)?, server: PhantomData })
    }

    /// Sets the scopes that every request needs. Defaults to none.
    ///
    /// # Errors
    /// [`ProtectionError`] when one is no scope (RFC 6749 §3.3), is given twice, or is optional, too.
    pub fn scopes(mut self, scopes: &'static [&'static str]) -> Result<Self, ProtectionError> {
        self.resource.set_required(scopes)?;
        Ok(self)
    }

    /// Sets the scopes that single operations may need beyond those of every request. Defaults to none.
    ///
    /// # Errors
    /// [`ProtectionError`] when one is no scope (RFC 6749 §3.3), is given twice, or is required of every request, too.
    pub fn optional_scopes(mut self, scopes: &'static [&'static str]) -> Result<Self, ProtectionError> {
        self.resource.set_optional(scopes)?;
        Ok(self)
    }

    /// Sets the scopes that include others. Defaults to none.
    ///
    /// Each chain goes from the broadest scope to the narrowest. The scopes are set before.
    ///
    /// # Errors
    /// [`ProtectionError`] when one is not a scope of this resource, or would include itself.
    pub fn hierarchy(mut self, chains: &[&'static [&'static str]]) -> Result<Self, ProtectionError> {
        self.resource.set_hierarchy(chains)?;
        Ok(self)
    }
}

impl<S> Protection<S> {
    pub(crate) fn declared(declared: &'static DeclaredProtection) -> Self {
        Self { resource: ProtectedResource::new(declared), server: PhantomData }
    }

    /// Returns the protection of a server that is `resource`.
    #[cfg(feature = "testing")]
    pub(crate) fn serving(resource: ProtectedResource) -> Self {
        Self { resource, server: PhantomData }
    }

    /// Replaces the issuers by one.
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would not accept it as an issuer, or when it is the resource itself.
    pub fn issuer(self, issuer: impl Into<String>) -> Result<Self, ProtectionError> {
        self.issuers([issuer])
    }

    /// Replaces the issuers.
    ///
    /// # Errors
    /// [`ProtectionError`] when there is none, one is given twice, clients would not accept one, or one is the resource
    /// itself.
    pub fn issuers<T: Into<String>>(mut self, issuers: impl IntoIterator<Item = T>) -> Result<Self, ProtectionError> {
        self.resource.replace_issuers(issuers)?;
        Ok(self)
    }

    /// Replaces the resource and everything that follows from it.
    ///
    /// These are the path of the endpoint, the address of the metadata document, and a
    /// [`scope_prefix`](Self::scope_prefix) that begins with the resource.
    ///
    /// # Errors
    /// [`ProtectionError`] when
    /// - clients would disagree about the spelling;
    /// - it is one of the issuers;
    /// - a scope begins with the resulting prefix.
    pub fn resource(mut self, resource: impl Into<String>) -> Result<Self, ProtectionError> {
        self.resource.replace_resource(resource)?;
        Ok(self)
    }

    /// Replaces the text before each scope that clients ask for.
    ///
    /// The metadata and challenges name the scopes of the server with this text. Tokens have the server's own names,
    /// which are checked and shown to handlers.
    ///
    /// `{resource}` at the start stands for the resource: `{resource}/` makes `https://notes.example.com/mcp/notes.read`
    /// of `notes.read`. A text that begins with the current resource means the same. Both change when
    /// [`resource`](Self::resource) replaces it.
    ///
    /// # Errors
    /// [`ProtectionError`] when
    /// - the resulting names are no scopes (RFC 6749 §3.3);
    /// - the text does not end with a separator;
    /// - a scope of the server begins with it.
    pub fn scope_prefix(mut self, prefix: impl AsRef<str>) -> Result<Self, ProtectionError> {
        self.resource.replace_scope_prefix(prefix.as_ref())?;
        Ok(self)
    }

    /// Removes the text before each scope that clients ask for.
    #[must_use]
    pub fn without_scope_prefix(mut self) -> Self {
        self.resource.remove_scope_prefix();
        self
    }

    /// Replaces the further scopes that clients request, such as `openid`.
    ///
    /// No token must have them. The metadata and every challenge name them behind the needed scopes. One of the server's
    /// `optional_scopes` is written with the [`scope_prefix`](Self::scope_prefix), any other as it is.
    ///
    /// # Errors
    /// [`ProtectionError`] when one is no scope, is given twice, or is required of every token anyway.
    pub fn extra_scopes<T: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = T>,
    ) -> Result<Self, ProtectionError> {
        self.resource.replace_extra_scopes(scopes)?;
        Ok(self)
    }

    /// Accepts tokens that are bound to a key (DPoP, RFC 9449), beside bearer tokens.
    ///
    /// Each request with a bound token needs a proof that its client has the key. It is `dpop = "accepted"` of
    /// `#[mcp::server]`, set at start.
    #[must_use]
    pub fn accept_dpop(self) -> Self {
        self.with_dpop(Dpop::Accepted)
    }

    /// Requires tokens that are bound to a key (DPoP, RFC 9449), and refuses bearer tokens.
    ///
    /// It is `dpop = "required"` of `#[mcp::server]`, set at start. Few clients have proofs yet; others cannot connect.
    #[must_use]
    pub fn require_dpop(self) -> Self {
        self.with_dpop(Dpop::Required)
    }

    /// Refuses tokens that are bound to a key, and accepts bearer tokens.
    #[must_use]
    pub fn without_dpop(self) -> Self {
        self.with_dpop(Dpop::Refused)
    }

    fn with_dpop(mut self, dpop: Dpop) -> Self {
        self.resource.replace_dpop(dpop);
        self
    }

    #[cfg(feature = "introspection")]
    pub(super) fn dpop(&self) -> Dpop {
        self.resource.dpop()
    }

    /// Returns the issuers whose tokens are accepted.
    pub fn issuer_urls(&self) -> impl Iterator<Item = &str> {
        self.resource.issuers.iter().map(AsRef::as_ref)
    }

    /// Returns the resource that tokens must be issued for.
    #[must_use]
    pub fn resource_url(&self) -> &str {
        &self.resource.url
    }

    /// Returns the scopes that every request needs, as tokens name them.
    #[must_use]
    pub fn required_scopes(&self) -> &'static [&'static str] {
        self.resource.required()
    }

    /// Returns the scopes that clients ask for at first.
    ///
    /// They are the `scopes_supported` of the metadata (RFC 9728 §2).
    #[must_use]
    pub fn asked_scopes(&self) -> Vec<String> {
        self.resource.ask(self.required_scopes()).all().to_vec()
    }

    #[cfg(feature = "jwt")]
    pub(super) fn has_scope_prefix(&self) -> bool {
        self.resource.scope_prefix().is_some()
    }

    /// Adds to the [`extra_scopes`](Self::extra_scopes) those that are not among them.
    #[cfg(feature = "jwt")]
    pub(super) fn more_extra_scopes(self, scopes: Vec<String>) -> Result<Self, ProtectionError> {
        let mut all: Vec<String> = self.resource.extra().iter().map(|scope| scope.clone().into_owned()).collect();
        for scope in scopes {
            if !all.contains(&scope) {
                all.push(scope);
            }
        }
        self.extra_scopes(all)
    }

    pub(crate) fn into_resource(self) -> ProtectedResource {
        self.resource
    }
}

impl<S> Clone for Protection<S> {
    fn clone(&self) -> Self {
        Self { resource: self.resource.clone(), server: PhantomData }
    }
}

impl<S> fmt::Debug for Protection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protection")
            .field("issuers", &self.resource.issuers)
            .field("resource", &self.resource.url)
            .field("scopes", &self.required_scopes())
            .field("asked_scopes", &self.asked_scopes())
            .field("dpop", &self.resource.dpop())
            .finish()
    }
}
