//! The metadata document as a route, and the token as an extractor, for axum.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use super::ResourceServer;
use crate::auth::AccessToken;

impl<V> ResourceServer<V> {
    /// Returns the route of the metadata document, to be merged into an app.
    ///
    /// Clients ask for it without a token. It must not be nested, because its path follows from the resource; a proxy has
    /// to let it through.
    ///
    /// It needs the feature `axum`, which is on by default.
    pub fn metadata_router(&self) -> axum::Router {
        self.metadata.router(&self.gate.protected_resource().url)
    }
}

/// Extracts the token that a [`BearerLayer`](crate::BearerLayer) admitted.
///
/// The response is a 500 if the route has no such layer.
impl<S: Sync> FromRequestParts<S> for AccessToken {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!(
                path = parts.uri.path(),
                "a route takes an `AccessToken` and has no `BearerLayer`; add `.layer(server.layer())` to it"
            );
            (StatusCode::INTERNAL_SERVER_ERROR, "This route is not protected")
        })
    }
}
