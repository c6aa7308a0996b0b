//! How long a server takes to compile: 100 tools with 3 parameters each, here and on rmcp.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::finding::{Finding, median};
use super::servers::{Package, file};
use crate::workspace::{Outcome, Workspace, run};

const TOOLS: usize = 100;
/// In seconds.
const SLOWEST_CHECK: f64 = 0.6;
/// In seconds of all processors together.
const SLOWEST_BUILD: f64 = 50.0;
const CHECKS: usize = 9;
/// Of a second, in `/proc/self/stat`.
const TICKS: f64 = 100.0;

struct Project {
    package: Package,
    folder: PathBuf,
}

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let ours = Project::write(workspace, Package::Mcp, &manifest_here(workspace), &server_here())?;
    let peer = Project::write(workspace, Package::Rmcp, MANIFEST_OF_PEER, &server_of_peer())?;
    let (build_ours, build_peer) = (ours.build(workspace)?, peer.build(workspace)?);
    // The first check is one of the dependencies, too.
    ours.check(workspace)?;
    peer.check(workspace)?;
    let (mut checks_ours, mut checks_peer) = (Vec::new(), Vec::new());
    for _ in 0..CHECKS {
        checks_ours.push(ours.check(workspace)?);
        checks_peer.push(peer.check(workspace)?);
    }
    let (check_ours, check_peer) = (median(checks_ours), median(checks_peer));
    Ok(vec![
        Finding {
            what: format!("incremental `check`, {TOOLS} tools with 3 parameters"),
            goal: format!("≤ {SLOWEST_CHECK} s"),
            measured: format!("{check_ours:.2} s"),
            by_hand: String::new(),
            peer: format!("{check_peer:.2} s"),
            met: Some(check_ours <= SLOWEST_CHECK),
        },
        Finding {
            what: "clean debug build of that, without JWT: CPU time".to_owned(),
            goal: format!("≤ {SLOWEST_BUILD} s"),
            measured: format!("{build_ours:.0} s"),
            by_hand: String::new(),
            peer: format!("{build_peer:.0} s"),
            met: Some(build_ours <= SLOWEST_BUILD),
        },
    ])
}

impl Project {
    /// A program with one server, and the dependencies of what is measured elsewhere.
    fn write(workspace: &Workspace, package: Package, manifest: &str, server: &str) -> Outcome<Self> {
        let folder = file(workspace, "compile").join(package.folder());
        let write =
            |path: &Path, text: &str| fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()));
        fs::create_dir_all(folder.join("src")).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&folder.join("Cargo.toml"), manifest)?;
        write(&folder.join("src/main.rs"), server)?;
        fs::copy(package.lock(workspace), folder.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
        Ok(Self { package, folder })
    }

    /// Seconds of processor time for a clean debug build.
    fn build(&self, workspace: &Workspace) -> Outcome<f64> {
        let target = self.folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        }
        let before = processor_time()?;
        self.cargo(workspace, "build")?;
        Ok(processor_time()? - before)
    }

    /// Seconds for a check after the file was touched.
    fn check(&self, workspace: &Workspace) -> Outcome<f64> {
        let main = self.folder.join("src/main.rs");
        let touched = File::options().write(true).open(&main).and_then(|file| file.set_modified(SystemTime::now()));
        touched.map_err(|error| format!("{}: {error}", main.display()))?;
        let start = Instant::now();
        self.cargo(workspace, "check")?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn cargo(&self, workspace: &Workspace, command: &str) -> Outcome {
        let mut cargo = workspace.cargo(&[command, "--quiet"]);
        run(cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join("target")))
            .map_err(|error| format!("{:?}: {error}", self.package))
    }
}

/// What all programs that this one started and that have ended took, in seconds.
fn processor_time() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| format!("/proc/self/stat: {error}"))?;
    // The name of the program comes in brackets, and what follows is the third field: `cutime` and `cstime` are 16 and 17.
    let fields = stat.rsplit_once(") ").map(|(_, fields)| fields.split(' ').skip(13).take(2));
    let ticks = fields.into_iter().flatten().filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS)
}

fn manifest_here(workspace: &Workspace) -> String {
    format!(
        "[package]\nname = \"compiled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         mcp = {{ path = {:?} }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        workspace.root
    )
}

const MANIFEST_OF_PEER: &str = r#"[package]
name = "compiled"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
axum = { version = "0.8", default-features = false, features = ["http1", "tokio"] }
rmcp = { version = "=3.11.0", default-features = false, features = ["macros", "server", "transport-streamable-http-server"] }
schemars = "1"
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
"#;

fn server_here() -> String {
    let mut source = r#"use mcp::{AccessToken, Http, StaticTokens};

struct Tools;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Tools {
"#
    .to_owned();
    for tool in 0..TOOLS {
        let _ = write!(
            source,
            "    /// Repeat a text.\n    #[mcp::tool]\n    async fn tool_{tool}(&self, text: String, times: u8, loud: Option<bool>) -> String {{\n        \
             format!(\"{{text}} {{times}} {{loud:?}}\")\n    }}\n\n"
        );
    }
    source
        + r#"}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let tokens = StaticTokens::new([("alice-token", AccessToken::new("alice").scopes(["notes:read"]))]);
    Http::protected(Tools, tokens).serve("127.0.0.1:8000").await
}
"#
}

fn server_of_peer() -> String {
    let mut source = r#"use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{tool, tool_router};

#[derive(Clone)]
struct Tools;

"#
    .to_owned();
    for tool in 0..TOOLS {
        let _ = write!(
            source,
            "#[derive(serde::Deserialize, schemars::JsonSchema)]\nstruct Parameters{tool} {{\n    text: String,\n    times: u8,\n    loud: Option<bool>,\n}}\n\n"
        );
    }
    source += "#[tool_router(server_handler)]\nimpl Tools {\n";
    for tool in 0..TOOLS {
        let _ = write!(
            source,
            "    /// Repeat a text.\n    #[tool]\n    async fn tool_{tool}(&self, Parameters(Parameters{tool} {{ text, times, loud }}): Parameters<Parameters{tool}>) -> String {{\n        \
             format!(\"{{text}} {{times}} {{loud:?}}\")\n    }}\n\n"
        );
    }
    source
        + r#"}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let service = StreamableHttpService::new(|| Ok(Tools), Arc::new(NeverSessionManager::default()), config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    axum::serve(listener, axum::Router::new().route_service("/mcp", service)).await
}
"#
}
