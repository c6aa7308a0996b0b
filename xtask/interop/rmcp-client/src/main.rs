//! Puts an example server to the test with the crate `rmcp`.
//!
//! ```text
//! rmcp-client (discover | initialize) http URL
//! rmcp-client (discover | initialize) stdio COMMAND
//! rmcp-client (discover | initialize) authorized URL
//! rmcp-client (discover | initialize) replicas URL
//! ```
//!
//! `discover` speaks 2026-07-28, `initialize` the older handshake. Prints `ok CHECK` or `failed CHECK: WHY` per line; when it
//! has to find its way into a protected server first, the name of each check that passed.

mod authorized;
mod replicas;

use std::fmt::Debug;
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientInitializeError, RunningService, ServiceError};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use serde_json::{Value, json};
use tokio::process::Command;

const CHECK_TIMEOUT: Duration = Duration::from_secs(10);
const NEEDS_TOKEN: &str = "This needs an access token, which only requests over HTTP carry";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, transport, target] = arguments.as_slice() else {
        return Err(
            "usage: rmcp-client (discover | initialize) (http URL | stdio COMMAND | authorized URL | replicas URL)"
                .to_owned(),
        );
    };
    let version = match mode.as_str() {
        "discover" => ProtocolVersion::V_2026_07_28,
        "initialize" => ProtocolVersion::V_2025_11_25,
        other => return Err(format!("unknown mode {other}")),
    };
    if transport == "authorized" {
        return authorized::check(target, lifecycle(&version)).await;
    }
    if transport == "replicas" {
        return replicas::check(target, lifecycle(&version)).await;
    }
    let server = match transport.as_str() {
        "http" => Server::Http(target),
        "stdio" => Server::Stdio(target),
        other => return Err(format!("unknown transport {other}")),
    };
    let checks: &[&str] = match server {
        Server::Http(_) => &["list", "call", "write", "argument", "no-token", "wrong-token", "scope"],
        Server::Stdio(_) => &["list", "call", "write", "argument"],
    };
    let scenario = Scenario { server, version };
    for name in checks {
        match tokio::time::timeout(CHECK_TIMEOUT, scenario.check(name)).await {
            Ok(Ok(())) => println!("ok {name}"),
            Ok(Err(why)) => println!("failed {name}: {why}"),
            Err(_) => println!("failed {name}: not done after {CHECK_TIMEOUT:?}"),
        }
    }
    Ok(())
}

enum Server<'a> {
    Http(&'a str),
    Stdio(&'a str),
}

struct Scenario<'a> {
    server: Server<'a>,
    version: ProtocolVersion,
}

impl Scenario<'_> {
    async fn check(&self, name: &str) -> Result<(), String> {
        match name {
            "list" => self.list().await,
            "call" => self.call().await,
            "write" => self.write().await,
            "argument" => self.argument().await,
            "no-token" => self.unauthenticated(None).await,
            "wrong-token" => self.unauthenticated(Some("carol-token")).await,
            "scope" => self.scope().await,
            other => Err(format!("there is no check {other}")),
        }
    }

    async fn list(&self) -> Result<(), String> {
        let client = self.connected("alice-token").await?;
        let peer = client.peer_info().ok_or("the server did not introduce itself")?;
        equal(&peer.protocol_version, &self.version)?;
        let info = peer.server_info.as_ref().ok_or("the server did not say its name")?;
        equal(&(info.name.as_str(), info.version.as_str()), &("Notes", "0.1.0"))?;
        let mut tools = client.list_all_tools().await.map_err(|error| error.to_string())?;
        tools.sort_by(|one, other| one.name.cmp(&other.name));
        let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
        equal(&names.as_slice(), &["add_note", "list_notes", "whoami"].as_slice())?;
        equal(&tools[0].description.as_deref(), &Some("Add a note to the notebook."))?;
        equal(&tools[0].input_schema.get("required"), &Some(&json!(["text"])))
    }

    async fn call(&self) -> Result<(), String> {
        let client = self.connected("alice-token").await?;
        equal(&call(&client, "whoami", json!({})).await?, &Answer::of([self.alice()]))
    }

    async fn write(&self) -> Result<(), String> {
        let client = self.connected("bob-token").await?;
        let added = call(&client, "add_note", json!({ "text": "From Rust" })).await?;
        let notes = call(&client, "list_notes", json!({})).await?;
        match self.server {
            Server::Http(_) => {
                equal(&added, &Answer::of(["bob added 1 of \"From Rust\""]))?;
                equal(&notes, &Answer::of(["Buy milk", "Ship the release", "From Rust"]))
            }
            Server::Stdio(_) => {
                equal(&added, &Answer { is_error: true, ..Answer::of([NEEDS_TOKEN]) })?;
                equal(&notes, &Answer::of(["Buy milk", "Ship the release"]))
            }
        }
    }

    async fn argument(&self) -> Result<(), String> {
        let client = self.connected("bob-token").await?;
        let answer = call(&client, "add_note", json!({ "text": "Too many", "copies": 9 })).await?;
        let text = "Argument copies: must be at least 1 and at most 5, not 9";
        equal(&answer, &Answer { is_error: true, ..Answer::of([text]) })
    }

    /// The text in the header of a refusal.
    fn challenge(&self, error: &str, description: &str, scope: &str) -> String {
        let (Server::Http(url) | Server::Stdio(url)) = self.server;
        let metadata = url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
        format!(
            r#"Bearer error="{error}", error_description="{description}", resource_metadata="{metadata}", scope="{scope}""#
        )
    }

    async fn unauthenticated(&self, token: Option<&str>) -> Result<(), String> {
        match self.connect(token).await {
            Ok(_) => Err("this should have failed".to_owned()),
            Err(error) => {
                let expected = self.challenge("invalid_token", "Authentication required", "notes:read");
                equal(&error.auth_challenge(), &Some(expected.as_str()))
            }
        }
    }

    async fn scope(&self) -> Result<(), String> {
        let client = self.connected("alice-token").await?;
        match client.call_tool(request("add_note", json!({ "text": "Not mine to write" }))).await {
            Ok(_) => return Err("this should have failed".to_owned()),
            Err(error @ ServiceError::TransportSend(_)) => {
                let scope = "notes:read notes:write";
                let expected = self.challenge("insufficient_scope", &format!("Required scope: {scope}"), scope);
                equal(&error.auth_challenge(), &Some(expected.as_str()))?;
            }
            Err(error) => return Err(error.to_string()),
        }
        // The connection is none the worse for it.
        equal(&call(&client, "whoami", json!({})).await?, &Answer::of([self.alice()]))
    }

    fn alice(&self) -> &'static str {
        match self.server {
            Server::Http(_) => "alice (scopes: notes:read)",
            Server::Stdio(_) => "anonymous",
        }
    }

    async fn connected(&self, token: &str) -> Result<Client, String> {
        self.connect(Some(token)).await.map_err(|error| error.to_string())
    }

    async fn connect(&self, token: Option<&str>) -> Result<Client, ClientInitializeError> {
        let lifecycle = lifecycle(&self.version);
        match self.server {
            Server::Http(url) => {
                let mut config = StreamableHttpClientTransportConfig::with_uri(url);
                config.auth_header = token.map(str::to_owned);
                ().serve_with_lifecycle(StreamableHttpClientTransport::from_config(config), lifecycle).await
            }
            Server::Stdio(command) => {
                let mut command = Command::new(command);
                command.arg("--stdio");
                let process = TokioChildProcess::new(command)
                    .map_err(|error| ClientInitializeError::ConnectionClosed(error.to_string()))?;
                ().serve_with_lifecycle(process, lifecycle).await
            }
        }
    }
}

fn lifecycle(version: &ProtocolVersion) -> ClientLifecycleMode {
    if *version == ProtocolVersion::V_2026_07_28 {
        ClientLifecycleMode::Discover { preferred_versions: vec![version.clone()] }
    } else {
        ClientLifecycleMode::Initialize
    }
}

type Client = RunningService<RoleClient, ()>;

/// A tool's result: its texts, and whether it is an error.
#[derive(Debug, PartialEq)]
struct Answer {
    texts: Vec<String>,
    is_error: bool,
}

impl Answer {
    fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self { texts: texts.into_iter().map(str::to_owned).collect(), is_error: false }
    }
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Result<Answer, String> {
    let result = client.call_tool(request(tool, arguments)).await.map_err(|error| error.to_string())?;
    let texts = result.content.iter().filter_map(|content| content.as_text()).map(|text| text.text.clone()).collect();
    Ok(Answer { texts, is_error: result.is_error.unwrap_or(false) })
}

fn request(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().cloned().unwrap_or_default())
}

fn equal<T: Debug + PartialEq>(found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}")) }
}
