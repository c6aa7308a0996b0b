use std::fmt;
use std::marker::PhantomData;

use super::{DeclaredProtection, ProtectedResource, ProtectionError};

/// Who protects the server `S`, to be replaced where that is not what the source says: staging, production.
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

impl<S> Protection<S> {
    pub(crate) fn new(declared: &'static DeclaredProtection) -> Self {
        Self { resource: ProtectedResource::new(declared), server: PhantomData }
    }

    /// Returns the protection of a server that is `resource`.
    #[cfg(feature = "testing")]
    pub(crate) fn serving(resource: ProtectedResource) -> Self {
        Self { resource, server: PhantomData }
    }

    /// Replaces the issuers by this one.
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would not accept it as an issuer, or when it is the resource itself.
    pub fn issuer(self, issuer: impl Into<String>) -> Result<Self, ProtectionError> {
        self.issuers([issuer])
    }

    /// Replaces the issuers by these.
    ///
    /// # Errors
    /// [`ProtectionError`] when there is none, one twice, one that clients would not accept, or the resource itself.
    pub fn issuers<T: Into<String>>(mut self, issuers: impl IntoIterator<Item = T>) -> Result<Self, ProtectionError> {
        self.resource.replace_issuers(issuers)?;
        Ok(self)
    }

    /// Replaces the resource, and with it the path of the endpoint and where the metadata document is.
    ///
    /// # Errors
    /// [`ProtectionError`] when clients would disagree about its spelling, or when it is one of the issuers.
    pub fn resource(mut self, resource: impl Into<String>) -> Result<Self, ProtectionError> {
        self.resource.replace_resource(resource)?;
        Ok(self)
    }

    /// The issuers whose tokens are accepted.
    pub fn issuer_urls(&self) -> impl Iterator<Item = &str> {
        self.resource.issuers.iter().map(AsRef::as_ref)
    }

    /// The resource that tokens must be issued for.
    #[must_use]
    pub fn resource_url(&self) -> &str {
        &self.resource.url
    }

    /// The scopes that every request needs.
    #[must_use]
    pub fn required_scopes(&self) -> &'static [&'static str] {
        self.resource.required().scopes
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
            .finish()
    }
}
