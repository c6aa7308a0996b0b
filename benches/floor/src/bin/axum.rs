//! A server on axum that checks the bearer token, and nothing else of the specification.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use floor::message::Request as Message;
use floor::{MAX_BODY, Outcome, Server, run, tools};
use tokio::net::TcpListener;

fn main() -> Outcome {
    run(serve())
}

async fn serve() -> Outcome {
    let server = Arc::new(Server::from_environment()?);
    let listener = TcpListener::bind(("127.0.0.1", server.port)).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new()
        .route("/mcp", post(mcp))
        .route("/.well-known/oauth-protected-resource/mcp", get(metadata))
        .with_state(server);
    Ok(axum::serve(listener, app).await?)
}

async fn metadata(State(server): State<Arc<Server>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], server.metadata.clone()).into_response()
}

async fn mcp(State(server): State<Arc<Server>>, request: Request) -> Response {
    let Some(caller) = server.caller(request.headers()) else {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, &*server.challenge)]).into_response();
    };
    let Ok(body) = to_bytes(request.into_body(), MAX_BODY).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match serde_json::from_slice::<Message<'_>>(&body) {
        Ok(message) => ([(CONTENT_TYPE, "application/json")], tools::answer(&server, caller, &message)).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
