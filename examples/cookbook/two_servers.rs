//! Two servers in one program, each with a path and tokens of its own.

use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://example.com/notes/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

struct Issues;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://example.com/issues/mcp",
)]
impl Issues {
    /// List every issue.
    #[mcp::tool]
    fn list_issues(&self) -> Vec<String> {
        vec![]
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let tokens = || StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let app = axum::Router::new()
        .merge(Http::protected(Notes, tokens()).router())
        .merge(Http::protected(Issues, tokens()).router());
    // In your program: `axum::serve(TcpListener::bind("127.0.0.1:8000").await?, app).await?`.
    drop(app);
    Ok(())
}
