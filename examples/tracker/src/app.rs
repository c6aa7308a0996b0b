//! The axum app around the MCP server.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use mcp::{AccessToken, Changes, Http, Protection, TokenVerifier};
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;

use crate::caller::Caller;
use crate::server::{Issues, Tracker};
use crate::store::Store;

/// Limits the time until the head of a response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The app, and what ends its streams.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) changes: Changes,
}

impl App {
    /// Creates the app. Pages of `origins`, such as `https://app.example.com`, may call it.
    pub(crate) fn new<V: TokenVerifier>(
        store: Store,
        protection: Protection<Tracker>,
        verifier: V,
        origins: &[String],
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let http = mcp_server(store.clone(), protection, verifier).allow_origins(origins);
        let changes = http.changes();
        let cors = CorsLayer::new()
            .allow_origin(origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<HeaderValue>, _>>()?)
            .allow_methods([Method::GET])
            .allow_headers([header::AUTHORIZATION])
            .expose_headers([header::WWW_AUTHENTICATE]);
        // Routes beside MCP, with the same tokens. A preflight has none, so CORS is around the protection.
        let protected =
            Router::new().route("/issues", get(export)).route_layer(http.resource_server().layer()).layer(cors);
        let router = Router::new()
            .route("/health", get(health))
            .merge(protected)
            .with_state(store)
            .merge(http.router())
            // A response of the MCP server begins within a second, and a stream may go on for longer than this.
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
        Ok(Self { router, changes })
    }
}

/// Returns the MCP server alone, which the tests call.
pub(crate) fn mcp_server<V: TokenVerifier>(
    store: Store,
    protection: Protection<Tracker>,
    verifier: V,
) -> Http<Tracker, mcp::Bearer<V>> {
    Http::protected(Tracker { store }, verifier).protection(protection)
}

/// Returns 200 if the database responds.
async fn health(State(store): State<Store>) -> Result<&'static str, StatusCode> {
    match store.ping().await {
        Ok(()) => Ok("ok"),
        Err(error) => {
            tracing::error!(%error, "the database does not respond");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Returns the first issues of the caller's tenant, for a page of the company.
async fn export(State(store): State<Store>, token: AccessToken) -> Result<Json<Issues>, StatusCode> {
    let caller: Caller = token.claims().map_err(|_| StatusCode::FORBIDDEN)?;
    let issues = store.page(&caller.tenant, 0, 1000).await.map_err(|error| {
        tracing::error!(%error, "the database failed");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    Ok(Json(Issues { issues, next: None }))
}
