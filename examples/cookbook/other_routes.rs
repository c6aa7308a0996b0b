//! Other routes with the same tokens, by the layer of a `ResourceServer`.

use axum::routing::get;
use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    optional_scopes = ["notes:export"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

async fn export(token: AccessToken) -> String {
    format!("the notes of {}", token.client_id)
}

pub(crate) async fn run() -> crate::Outcome {
    let http = Http::protected(Notes, StaticTokens::new([("alice-token", AccessToken::ours("alice"))]));
    let layer = http.resource_server().layer().require("notes:export")?;
    let _app: axum::Router = axum::Router::new().route("/export", get(export).layer(layer)).merge(http.router());
    // A scope that the server does not declare is an error at start.
    let http = Http::protected(Notes, StaticTokens::new([("alice-token", AccessToken::ours("alice"))]));
    assert!(http.resource_server().layer().require("notes:exprot").is_err());
    Ok(())
}
