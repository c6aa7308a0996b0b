//! A health check beside the server, as a route of the axum app.
//!
//! `Http::readiness` is one for `serve`.

use axum::http::StatusCode;
use axum::routing::get;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

/// Stands for the query `SELECT 1`.
async fn database_responds() -> bool {
    true
}

async fn health() -> Result<&'static str, StatusCode> {
    if database_responds().await { Ok("ok") } else { Err(StatusCode::SERVICE_UNAVAILABLE) }
}

pub(crate) async fn run() -> crate::Outcome {
    let app = axum::Router::new().route("/health", get(health)).merge(mcp::Http::open(Notes).router());
    // In your program: `axum::serve(TcpListener::bind("127.0.0.1:8000").await?, app).await?`.
    drop(app);
    assert_eq!(health().await, Ok("ok"));
    Ok(())
}
