//! A server on axum with the checks that the specification requires.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use floor::checks::{Refusal, admit, mirrors};
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
    let caller = match admit(&server, request.headers()) {
        Ok(caller) => caller,
        Err(Refusal::Plain(status)) => return status.into_response(),
        Err(Refusal::Challenge(status)) => {
            return (status, [(WWW_AUTHENTICATE, &*server.challenge)]).into_response();
        }
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match serde_json::from_slice::<Message<'_>>(&body) {
        Ok(message) if mirrors(&parts.headers, &message) => {
            ([(CONTENT_TYPE, "application/json")], tools::answer(&server, caller, &message)).into_response()
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}
