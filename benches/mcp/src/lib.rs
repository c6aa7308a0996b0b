//! The common parts of servers on this framework: callers, address and threads.

use std::error::Error;

use axum::serve::ListenerExt as _;
use mcp::{AccessToken, Http, Protected, Protection, StaticTokens};
use tokio::net::TcpListener;
use tokio::runtime;

pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Reads the variable `PORT`. Defaults to 8000.
pub fn port() -> Outcome<u16> {
    Ok(std::env::var("PORT").map_or(Ok(8000), |port| port.parse())?)
}

/// Returns the public URL of the server.
pub fn resource(port: u16) -> String {
    format!("http://127.0.0.1:{port}/mcp")
}

/// Returns the only token.
pub fn tokens() -> StaticTokens {
    StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))])
}

/// Returns the protection of `S` with another port than in the source.
pub fn protection<S: Protected>(port: u16) -> Outcome<Protection<S>> {
    Ok(Protection::of::<S>().resource(resource(port))?)
}

/// Runs a server on one thread if `RT` is `ct`, and otherwise on one per processor.
pub fn run(server: impl Future<Output = Outcome>) -> Outcome {
    let mut runtime = match std::env::var("RT").is_ok_and(|runtime| runtime == "ct") {
        true => runtime::Builder::new_current_thread(),
        false => runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(server)
}

/// Serves on loopback, alone.
pub async fn serve<S: Protected>(server: S) -> Outcome {
    let port = port()?;
    let http = Http::protected(server, tokens()).protection(protection(port)?);
    Ok(http.serve(("127.0.0.1", port)).await?)
}

/// Serves on loopback, as part of an axum app.
pub async fn mount<S: Protected>(server: S) -> Outcome {
    let port = port()?;
    let http = Http::protected(server, tokens()).protection(protection(port)?).allow_hosts(["127.0.0.1"]);
    let app = axum::Router::new().route("/health", axum::routing::get(|| async { "ok" })).merge(http.router());
    let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, app).await?)
}
