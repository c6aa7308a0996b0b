//! Serves the notebook behind a layer of `mcp`, on the port that `PORT` names.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use mcp::{AccessToken, Protection, ResourceServer, StaticTokens};
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp_server::Notes;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT")?.parse()?;
    let notes = Notes::default();
    let service = StreamableHttpService::new(
        move || Ok(notes.clone()),
        Arc::new(LocalSessionManager::default()),
        Default::default(),
    );
    let tokens = StaticTokens::new([
        ("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"])),
        ("bob-token", AccessToken::ours("bob").with_scopes(["notes:read", "notes:write"])),
    ]);
    let protection = Protection::new("https://auth.example.com", format!("http://127.0.0.1:{port}/mcp"))?
        .scopes(&["notes:read"])?
        .optional_scopes(&["notes:write"])?;
    let server = ResourceServer::new(protection, tokens)?;
    let app = Router::new()
        .route_service("/mcp", service)
        .layer(server.layer().tool("add_note", ["notes:write"])?)
        .merge(server.metadata_router());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, app).await?)
}
