//! An issue tracker for several tenants: a protected server as a team would run it. See `README.md`.

mod app;
mod caller;
mod server;
mod store;
mod telemetry;
#[cfg(test)]
mod tests;

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use axum::serve::ListenerExt as _;
use mcp::{AccessToken, JwtProfile, Protection, StaticTokens};
use tokio::net::TcpListener;

use self::app::App;
use self::server::Tracker;
use self::store::Store;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = telemetry::install()?;
    let listen = variable("TRACKER_LISTEN").unwrap_or_else(|| "127.0.0.1:8000".to_owned());
    let store = Store::open(&variable("TRACKER_DATABASE").unwrap_or_else(|| "sqlite::memory:".to_owned())).await?;
    let listener = TcpListener::bind(&listen).await.map_err(|error| format!("TRACKER_LISTEN: {error}"))?;
    let address = listener.local_addr()?;
    let resource = variable("TRACKER_RESOURCE").unwrap_or_else(|| format!("http://{address}/mcp"));
    let origins: Vec<String> =
        variable("TRACKER_ORIGINS").iter().flat_map(|origins| origins.split_whitespace()).map(str::to_owned).collect();
    let protection = Protection::of::<Tracker>().resource(&resource)?;
    let app = match variable("TRACKER_ISSUER") {
        Some(issuer) => {
            let profile = profile(variable("TRACKER_PROFILE").as_deref())?;
            let (protection, verifier) = profile.set_up(protection.issuer(issuer)?)?;
            App::new(store, protection, verifier.build()?, &origins)?
        }
        None => {
            say_hello(&resource);
            App::new(store, protection, static_tokens(), &origins)?
        }
    };
    // Without TCP_NODELAY, an event of a stream can wait for some 40 ms.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    tracing::info!(%address, resource, "listening");
    let changes = app.changes;
    // With the address of the other end, which the records of requests have.
    axum::serve(listener, app.router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            stop().await;
            // Requests are finished. Streams have no end of their own.
            changes.close();
        })
        .await?;
    Ok(())
}

/// Returns the value of an environment variable, unless it is empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the rules of the issuer's tokens. `mcp` has a preset for more providers.
fn profile(name: Option<&str>) -> Result<JwtProfile, String> {
    match name {
        None | Some("rfc9068") => Ok(JwtProfile::rfc9068()),
        Some("keycloak") => Ok(JwtProfile::keycloak()),
        Some(other) => Err(format!("TRACKER_PROFILE: `{other}` is unknown; write `rfc9068` or `keycloak`")),
    }
}

/// Returns the tokens for a first call: one of a lead, and one of a developer of another tenant.
fn static_tokens() -> StaticTokens {
    let token = |tenant: &str, role: &str| {
        AccessToken::ours(format!("{tenant}-{role}"))
            .with_subject(format!("{role}@{tenant}"))
            .with_scopes(["issues:read", "issues:write"])
            .with_claim("tenant", tenant)
            .with_claim("role", role)
    };
    StaticTokens::new([("acme-lead", token("acme", "lead")), ("globex-dev", token("globex", "developer"))])
}

#[expect(clippy::print_stdout, reason = "for the person who starts it")]
fn say_hello(resource: &str) {
    println!(
        "No TRACKER_ISSUER: the tokens are `acme-lead` and `globex-dev`. A first call:\n\n\
         curl {resource} -H 'Authorization: Bearer acme-lead' -H 'Content-Type: application/json' \\\n  \
         -d '{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\
         \"params\":{{\"name\":\"create_issue\",\"arguments\":{{\"title\":\"It rains\"}}}}}}'\n"
    );
}

/// Waits for Ctrl-C or SIGTERM.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    _ = tokio::signal::ctrl_c().await;
}
