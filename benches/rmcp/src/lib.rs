//! The common parts of servers on rmcp: callers, parameters and serving.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::runtime;

pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Add {
    pub a: i64,
    pub b: i64,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Blob {
    pub data: String,
}

/// The caller that a token belongs to.
#[derive(Clone)]
pub struct Caller {
    pub client_id: &'static str,
}

struct Door {
    callers: HashMap<&'static str, Caller>,
    challenge: String,
}

/// Serves on loopback, stateless and with JSON answers, behind a bearer token. `RT=ct` puts everything on one thread.
pub fn run<S: ServerHandler + Clone>(server: S) -> Outcome {
    let mut runtime = match std::env::var("RT").is_ok_and(|runtime| runtime == "ct") {
        true => runtime::Builder::new_current_thread(),
        false => runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(serve(server))
}

async fn serve<S: ServerHandler + Clone>(server: S) -> Outcome {
    let port: u16 = std::env::var("PORT").map_or(Ok(8000), |port| port.parse())?;
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let service =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config);
    let door = Door {
        callers: HashMap::from([("alice-token", Caller { client_id: "alice" })]),
        challenge: format!(
            r#"Bearer error="invalid_token", resource_metadata="http://127.0.0.1:{port}/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        ),
    };
    let app = Router::new().route_service("/mcp", service).layer(from_fn_with_state(Arc::new(door), admit));
    // `NODELAY=off` is how `axum::serve` serves when nobody thinks of it.
    let nodelay = !std::env::var("NODELAY").is_ok_and(|nodelay| nodelay == "off");
    let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(move |stream| {
        let _ = stream.set_nodelay(nodelay);
    });
    Ok(axum::serve(listener, app).await?)
}

async fn admit(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.and_then(|token| door.callers.get(token)) {
        Some(caller) => {
            request.extensions_mut().insert(caller.clone());
            next.run(request).await
        }
        None => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, &*door.challenge)]).into_response(),
    }
}
