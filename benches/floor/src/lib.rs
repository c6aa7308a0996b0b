//! The common parts of servers written by hand: callers, checks, messages and tools.

pub mod checks;
pub mod message;
pub mod on_hyper;
pub mod tools;

use std::collections::HashMap;
use std::error::Error;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::runtime;

pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Limits the body of a request, in bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

pub struct Server {
    pub port: u16,
    callers: HashMap<&'static str, Caller>,
    /// The result of `tools/list`, rendered at start.
    pub list: String,
    pub metadata: String,
    pub challenge: String,
}

pub struct Caller {
    pub client_id: &'static str,
    pub scopes: &'static [&'static str],
}

impl Server {
    /// Creates a server from the variables `PORT` and `TOOLS`.
    pub fn from_environment() -> Outcome<Self> {
        let port: u16 = std::env::var("PORT").map_or(Ok(8000), |port| port.parse())?;
        let tools: usize = std::env::var("TOOLS").map_or(Ok(1), |tools| tools.parse())?;
        let metadata = format!(
            r#"{{"resource":"http://127.0.0.1:{port}/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["notes:read"],"bearer_methods_supported":["header"]}}"#
        );
        let challenge = format!(
            r#"Bearer error="invalid_token", resource_metadata="http://127.0.0.1:{port}/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        );
        let callers = HashMap::from([("alice-token", Caller { client_id: "alice", scopes: &["notes:read"] })]);
        Ok(Self { port, callers, list: tools::list(tools), metadata, challenge })
    }

    pub fn caller(&self, headers: &HeaderMap) -> Option<&Caller> {
        let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { self.callers.get(token) } else { None }
    }
}

/// Runs a server on one thread if `RT` is `ct`, and otherwise on one per processor.
pub fn run(server: impl Future<Output = Outcome>) -> Outcome {
    let mut runtime = match std::env::var("RT").is_ok_and(|runtime| runtime == "ct") {
        true => runtime::Builder::new_current_thread(),
        false => runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(server)
}
