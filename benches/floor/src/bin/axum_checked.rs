//! On axum, with what the specification asks for: `Host`, `Origin`, `Accept`, the content type, the version of the
//! protocol, `Mcp-Method`, `Mcp-Name`, and the scope.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use floor::message::{Meta, Request as Message};
use floor::{MAX_BODY, Outcome, Server, run, tools};
use tokio::net::TcpListener;

const VERSION: &str = "2026-07-28";

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
    let headers = request.headers();
    if !header(headers, HOST.as_str()).is_some_and(is_local) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    if headers.contains_key(ORIGIN)
        && !header(headers, ORIGIN.as_str()).is_some_and(|origin| origin.strip_prefix("http://").is_some_and(is_local))
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(caller) = server.caller(headers) else {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, &*server.challenge)]).into_response();
    };
    if !caller.scopes.contains(&"notes:read") {
        return (StatusCode::FORBIDDEN, [(WWW_AUTHENTICATE, &*server.challenge)]).into_response();
    }
    if !header(headers, CONTENT_TYPE.as_str()).is_some_and(|value| is_media_type(value, "application/json")) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let accepts = |wanted| {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|range| is_media_type(range, wanted))
    };
    if !accepts("application/json") || !accepts("text/event-stream") {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
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

/// Whether the headers say what the body says.
fn mirrors(headers: &HeaderMap, message: &Message<'_>) -> bool {
    let meta = message.params.meta.and_then(|meta| serde_json::from_str::<Meta<'_>>(meta.get()).ok());
    let name = header(headers, "mcp-name").and_then(decode);
    meta.is_some_and(|meta| meta.version == VERSION && meta.capabilities.get().starts_with('{'))
        && header(headers, "mcp-protocol-version") == Some(VERSION)
        && header(headers, "mcp-method") == Some(&message.method)
        && (message.method != "tools/call" || name.is_some() && name == message.params.name.as_deref().map(Cow::from))
}

/// A header that must not be given twice.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

/// A name that does not fit into a header comes in Base64, which these tools' names are never in.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    (!value.starts_with("=?base64?")).then_some(Cow::Borrowed(value))
}

fn is_media_type(value: &str, wanted: &str) -> bool {
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

fn is_local(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}
