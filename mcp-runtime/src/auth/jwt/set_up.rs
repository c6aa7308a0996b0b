//! The set-up of a provider: what clients ask for, and what is accepted.

use super::{JwtProfile, JwtVerifier, JwtVerifierBuilder};
use crate::auth::{Protection, ProtectionError};

/// The prefix of scopes for Entra ID, which is the resource.
const BEFORE_EACH_SCOPE: &str = "{resource}/";

impl JwtProfile {
    /// Returns the protection of the provider, and the builder of its verifier.
    ///
    /// - For Microsoft Entra ID, clients ask for each scope by the resource, a slash and its name. Entra ID takes only scopes
    ///   of the `resource` that a client names. A [`scope_prefix`](crate::Protection::scope_prefix) of the protection is
    ///   kept.
    /// - For ZITADEL, clients ask for tokens for the projects that are accepted as audience, with the roles in them.
    /// - For all others, the protection does not change.
    ///
    /// ```no_run
    /// # struct Notes;
    /// # #[mcp::server(issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
    /// #     resource = "https://notes.example.com/mcp", scopes = ["notes.read"])]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// use mcp::{Http, JwtProfile, Protection};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> std::io::Result<()> {
    /// let entra = JwtProfile::entra("00001111-aaaa-2222-bbbb-3333cccc4444");
    /// let (protection, verifier) = entra.set_up(Protection::of::<Notes>())?;
    /// assert_eq!(protection.asked_scopes(), ["https://notes.example.com/mcp/notes.read"]);
    /// Http::protected(Notes, verifier.build()?).protection(protection).serve("127.0.0.1:8000").await
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ProtectionError`] when a scope of the server begins with the resource already.
    pub fn set_up<S>(self, protection: Protection<S>) -> Result<(Protection<S>, JwtVerifierBuilder), ProtectionError> {
        let is_named_by_resource = protection.issuer_urls().any(|issuer| self.asks_by_resource(issuer));
        let protection = match is_named_by_resource && !protection.has_scope_prefix() {
            true => protection.scope_prefix(BEFORE_EACH_SCOPE)?,
            false => protection,
        };
        let asked = self.scopes_for_audiences();
        let protection = if asked.is_empty() { protection } else { protection.more_extra_scopes(asked)? };
        let verifier = JwtVerifier::builder(&protection).profile(self);
        Ok((protection, verifier))
    }
}
