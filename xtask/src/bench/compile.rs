//! The time to compile a server: 100 tools with 3 parameters each, here and on rmcp.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use super::finding::{Finding, median};
use super::servers::{Package, file};
use crate::workspace::{Outcome, Workspace, run};

const TOOLS: usize = 100;
/// Limits a check after a change, in seconds.
const SLOWEST_CHECK: f64 = 0.6;
/// Limits a clean build, in seconds of all processors together.
const SLOWEST_BUILD: f64 = 50.0;
const CHECKS: usize = 9;
/// The clock ticks of a second in `/proc/self/stat`.
const TICKS: f64 = 100.0;

/// The dependency of README.md, with the default features.
const DEFAULT: &str = "";
/// The dependency with the one feature that an HTTP server needs.
const SERVE_ALONE: &str = r#", default-features = false, features = ["http"]"#;

struct Project {
    /// The name of its folder.
    name: &'static str,
    folder: PathBuf,
    source: String,
}

/// A change of the file since the last check.
#[derive(Clone, Copy)]
enum Change {
    /// Changes its time, but not its text, so that the compiler reuses its results.
    Touch,
    /// Changes a line of one method, to this number.
    Edit(usize),
}

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let here = |name, features| {
        Project::write(workspace, name, Package::Mcp, &manifest_here(workspace, features), server_here())
    };
    let (ours, small) = (here("mcp", DEFAULT)?, here("mcp_http", SERVE_ALONE)?);
    let peer = Project::write(workspace, "rmcp", Package::Rmcp, MANIFEST_OF_PEER, server_of_peer())?;
    let (build_ours, build_small) = (ours.build(workspace)?, small.build(workspace)?);
    let build_peer = peer.build(workspace)?;
    // The first check is one of the dependencies, too.
    ours.check(workspace, Change::Touch)?;
    peer.check(workspace, Change::Touch)?;
    let (touched_ours, touched_peer) = compare(workspace, &ours, &peer, |_| Change::Touch)?;
    let (edited_ours, edited_peer) = compare(workspace, &ours, &peer, Change::Edit)?;
    let seconds = |time: f64| format!("{time:.2} s");
    Ok(vec![
        Finding {
            what: format!("incremental `check` after touching the file, {TOOLS} tools with 3 parameters"),
            goal: format!("≤ {SLOWEST_CHECK} s"),
            measured: seconds(touched_ours),
            by_hand: String::new(),
            peer: seconds(touched_peer),
            met: Some(touched_ours <= SLOWEST_CHECK),
            reason: None,
        },
        Finding {
            what: "the same after an edit of one method".to_owned(),
            goal: String::new(),
            measured: seconds(edited_ours),
            by_hand: String::new(),
            peer: seconds(edited_peer),
            met: None,
            reason: None,
        },
        Finding {
            what: "clean debug build of that with the default features, which JWTs are not among: CPU time".to_owned(),
            goal: format!("≤ {SLOWEST_BUILD} s"),
            measured: format!("{build_ours:.0} s"),
            by_hand: String::new(),
            peer: String::new(),
            met: Some(build_ours <= SLOWEST_BUILD),
            reason: Some(
                "When last looked at, of about 60 s, the runtime's own crate takes 10, axum with its dependencies 7, the \
                 program itself 7, `ring` with its C code 6, the macros with syn 6, tokio 5.",
            ),
        },
        Finding {
            what: "the same with only the features that `serve()` needs, and for rmcp those that its server needs"
                .to_owned(),
            goal: String::new(),
            measured: format!("{build_small:.0} s"),
            by_hand: String::new(),
            peer: format!("{build_peer:.0} s"),
            met: None,
            reason: None,
        },
    ])
}

/// Compares the medians of several checks, taken in turns.
fn compare(
    workspace: &Workspace,
    ours: &Project,
    peer: &Project,
    change: impl Fn(usize) -> Change,
) -> Outcome<(f64, f64)> {
    let (mut times_ours, mut times_peer) = (Vec::new(), Vec::new());
    for number in 0..CHECKS {
        times_ours.push(ours.check(workspace, change(number))?);
        times_peer.push(peer.check(workspace, change(number))?);
    }
    Ok((median(times_ours), median(times_peer)))
}

impl Project {
    /// Writes a program with one server, and the lock file of another measurement.
    fn write(
        workspace: &Workspace,
        name: &'static str,
        package: Package,
        manifest: &str,
        server: String,
    ) -> Outcome<Self> {
        let folder = file(workspace, "compile").join(name);
        fs::create_dir_all(folder.join("src")).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&folder.join("Cargo.toml"), manifest)?;
        write(&folder.join("src/main.rs"), &server)?;
        fs::copy(package.lock(workspace), folder.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
        Ok(Self { name, folder, source: server })
    }

    /// Returns the processor time of a clean debug build, in seconds.
    fn build(&self, workspace: &Workspace) -> Outcome<f64> {
        let target = self.folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        }
        let before = processor_time()?;
        self.cargo(workspace, "build")?;
        Ok(processor_time()? - before)
    }

    /// Returns the time of a check after a change, in seconds.
    fn check(&self, workspace: &Workspace, change: Change) -> Outcome<f64> {
        let main = self.folder.join("src/main.rs");
        match change {
            Change::Touch => {
                let file = File::options().write(true).open(&main);
                file.and_then(|file| file.set_modified(SystemTime::now()))
                    .map_err(|error| format!("{}: {error}", main.display()))?;
            }
            Change::Edit(number) => write(&main, &self.source.replacen("{times}", &format!("{number} {{times}}"), 1))?,
        }
        let start = Instant::now();
        self.cargo(workspace, "check")?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn cargo(&self, workspace: &Workspace, command: &str) -> Outcome {
        let mut cargo = workspace.cargo(&[command, "--quiet"]);
        run(cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join("target")))
            .map_err(|error| format!("{}: {error}", self.name))
    }
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the processor time of all child processes that ended, in seconds.
fn processor_time() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| format!("/proc/self/stat: {error}"))?;
    // The name of the program comes in brackets, and what follows is the third field: `cutime` and `cstime` are 16 and 17.
    let fields = stat.rsplit_once(") ").map(|(_, fields)| fields.split(' ').skip(13).take(2));
    let ticks = fields.into_iter().flatten().filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS)
}

fn manifest_here(workspace: &Workspace, features: &str) -> String {
    format!(
        "[package]\nname = \"compiled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         mcp = {{ path = {:?}{features} }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        workspace.root
    )
}

/// The manifest of the server on rmcp, with the features that it uses.
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
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
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
