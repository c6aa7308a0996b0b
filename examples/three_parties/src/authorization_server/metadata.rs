//! The metadata for clients (RFC 8414), and the keys for verifiers (RFC 7517).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{AuthorizationServer, GrantType};

pub(super) async fn document(State(server): State<Arc<AuthorizationServer>>) -> Json<Value> {
    let issuer = &server.settings.issuer;
    let scopes: BTreeSet<&str> =
        server.settings.resources.iter().flat_map(|resource| &resource.scopes).map(|(scope, _)| *scope).collect();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GrantType::ALL,
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        // RFC 9207
        "authorization_response_iss_parameter_supported": true,
        // OAuth Client ID Metadata Documents
        "client_id_metadata_document_supported": true,
        // Identity Assertion JWT Authorization Grant
        "authorization_grant_profiles_supported": ["urn:ietf:params:oauth:grant-profile:id-jag"],
    }))
}

pub(super) async fn jwks(State(server): State<Arc<AuthorizationServer>>) -> Json<Value> {
    Json(server.key.jwks())
}
