//! The next server: a calendar, which takes only the tokens that the notebook got in exchange for those of its callers.

use axum::Router;
use axum::routing::get;
use mcp::{AccessToken, JwtVerifier, Protection, ResourceServer};

use crate::Outcome;

/// Returns the calendar at `resource`.
pub(crate) fn calendar(issuer: &str, resource: &str) -> Outcome<Router> {
    let protection = Protection::new(issuer, resource)?.scopes(&["events:read"])?;
    let verifier = JwtVerifier::builder(&protection).build()?;
    let server = ResourceServer::new(protection, verifier)?;
    let next = get(|token: AccessToken| async move {
        match token.subject.as_deref() {
            Some("alice") => "Tea with the Hatter at six".to_owned(),
            _ => "Nothing".to_owned(),
        }
    });
    Ok(Router::new().route("/calendar/next", next.layer(server.layer())).merge(server.metadata_router()))
}
