//! A resource server: the protection of an endpoint, for other routes and for other programs.

mod body;
mod layer;
#[cfg(feature = "axum")]
mod routes;
mod tool_scopes;

use std::fmt;
use std::sync::Arc;

pub use self::body::BearerBody;
pub use self::layer::{BearerLayer, BearerService};
use super::serve::site::MetadataRoutes;
use crate::auth::gate::{Bearer, Gate as _};
use crate::auth::{Audit, ProofSetup, Protection, ProtectionError, TokenVerifier};
use crate::budget::Budget;
use crate::limits::{Limits, RequestLimits};
use crate::seal::StateKeys;

/// An OAuth 2.1 resource server: a protection with a verifier, for any routes.
///
/// Its [`layer`](Self::layer) admits the requests that [`Http::protected`](crate::Http::protected) would admit, and gives
/// the same responses to others (RFC 6750 §3, RFC 9728 §5.1). It works for any service of
/// [`tower`](https://docs.rs/tower): routes of axum, or an MCP server of another framework.
///
/// [`Http::resource_server`](crate::Http::resource_server) gives that of a server. [`new`](Self::new) makes one for a
/// program without an `#[mcp::server]`:
///
/// ```
/// use axum::routing::get;
/// use mcp::{AccessToken, Protection, ResourceServer, StaticTokens};
///
/// async fn orders(token: AccessToken) -> String {
///     format!("the orders of {}", token.client_id)
/// }
///
/// # fn app() -> Result<axum::Router, mcp::ProtectionError> {
/// let protection = Protection::new("https://auth.example.com", "https://orders.example.com/api")?
///     .scopes(&["orders:read"])?;
/// let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["orders:read"]))]);
/// let server = ResourceServer::new(protection, tokens)?;
/// let app = axum::Router::new()
///     .route("/api/orders", get(orders))
///     .route_layer(server.layer())
///     .merge(server.metadata_router());
/// # Ok(app)
/// # }
/// # app().unwrap();
/// ```
pub struct ResourceServer<V> {
    gate: Bearer<V>,
    metadata: Arc<MetadataRoutes>,
    limits: RequestLimits,
    /// The limits that the callers of all its layers share.
    budget: Arc<Budget>,
    /// The keys that seal the nonces of proofs.
    keys: Arc<StateKeys>,
}

impl<V: TokenVerifier> ResourceServer<V> {
    /// Creates the resource server of a protection.
    ///
    /// # Errors
    /// [`ProtectionError`] when the verifier is for another resource or for other issuers, and so would refuse valid
    /// tokens.
    pub fn new<S>(protection: Protection<S>, verifier: V) -> Result<Self, ProtectionError> {
        let gate = Bearer::new(verifier, protection.into_resource());
        gate.check(None)?;
        Ok(Self::sharing(&gate, Limits::default(), Arc::new(StateKeys::random())))
    }

    /// Reports every [`Decision`](crate::Decision) to `hook`: a closure, or an implementation of [`Audit`].
    ///
    /// There is one hook; a second one replaces the first.
    #[must_use]
    pub fn audit(mut self, hook: impl Audit) -> Self {
        self.gate = self.gate.with_audit(Arc::new(hook));
        self
    }
}

impl<V> ResourceServer<V> {
    /// Creates the resource server of a gate.
    pub(super) fn sharing(gate: &Bearer<V>, limits: Limits, keys: Arc<StateKeys>) -> Self {
        let metadata = MetadataRoutes::new(gate.protected_resource(), &gate.protected_resource().endpoint);
        let budget = Arc::new(Budget::new(limits.budget()));
        let setup = ProofSetup { limits: limits.proofs, keys: Arc::clone(&keys), link: None };
        Self { gate: gate.for_routes(setup), metadata: Arc::new(metadata), limits: limits.request, budget, keys }
    }

    /// Replaces all limits.
    ///
    /// Those of [`Limits::request`] for the body of a message apply, if a layer has [`tool`](BearerLayer::tool)s, and so
    /// does [`buffered_bytes`](crate::MemoryLimits::buffered_bytes). Those of [`Limits::proofs`] apply, if the protection
    /// accepts tokens that are bound to a key.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.budget.set_limits(limits.budget());
        self.limits = limits.request;
        let setup = ProofSetup { limits: limits.proofs, keys: Arc::clone(&self.keys), link: None };
        self.gate = self.gate.for_routes(setup);
        self
    }

    /// Returns a layer that admits requests with a valid token, and refuses others.
    ///
    /// [`BearerLayer`] describes what it does, and its methods add scopes.
    #[must_use]
    pub fn layer(&self) -> BearerLayer<V> {
        BearerLayer::new(self.gate.share(), Arc::clone(&self.metadata), self.limits.clone(), Arc::clone(&self.budget))
    }

    /// Returns the path of the metadata document (RFC 9728 §3.1).
    ///
    /// A layer responds to requests for it, if they reach the layer. [`metadata_router`](Self::metadata_router) is a route
    /// for it.
    #[must_use]
    pub fn metadata_path(&self) -> &str {
        &self.gate.protected_resource().metadata_path
    }
}

/// Prints neither the verifier nor the audit hook.
impl<V> fmt::Debug for ResourceServer<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = &self.gate.protected_resource().url;
        f.debug_struct("ResourceServer").field("resource", resource).finish_non_exhaustive()
    }
}
