//! `cargo xtask interop`: programs of other projects, run against the examples.
//!
//! Each of the programs that the tables name goes through checks and prints `ok CHECK` or `failed CHECK: WHY` for each.
//! Their packages are installed from PyPI, npm and crates.io under the target folder.

mod authorization;
mod clients;
mod corpus;
mod frameworks;
mod matrix;
mod pages;
mod program;
mod proxy;
pub(crate) mod python;
mod servers;
mod table;
mod telemetry;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace, run as run_program};
use corpus::Corpus;
use frameworks::Frameworks;
use pages::Pages;
use python::Python;
use servers::Servers;

/// The client that is built from the crate `rmcp`; a workspace of its own.
pub(crate) const RMCP_MANIFEST: &str = "xtask/interop/rmcp-client/Cargo.toml";

/// The server on the crate `rmcp` behind a layer of the framework; a workspace of its own.
pub(crate) const RMCP_SERVER_MANIFEST: &str = "xtask/interop/rmcp-server/Cargo.toml";

/// The packages of the programs that implement the protocol themselves, and of an authorization server.
pub(crate) const REQUIREMENTS: &str = "xtask/interop/python/requirements.txt";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("interop");
    let logs = folder.join("logs");
    fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
    let ((rmcp, rmcp_server), (servers, (python, (frameworks, (corpus, pages))))) = both(
        || build_rmcp(workspace, &folder),
        || {
            both(
                || Servers::install(workspace, folder.join("servers")),
                || {
                    both(
                        || Python::install(workspace, REQUIREMENTS, &folder.join("python")),
                        || {
                            both(
                                || Frameworks::install(workspace, &folder),
                                || both(|| Corpus::install(workspace, &folder), || Pages::install(workspace, &folder)),
                            )
                        },
                    )
                },
            )
        },
    )?;
    // The proxy's checks wait for more than a minute, in which the others go on.
    let (proxy, (matrix, others)) = both(
        || proxy::check(workspace, &python, &servers, &folder, &logs),
        || {
            let corpus = corpus::check(workspace, &corpus, &frameworks, &logs)?;
            let clients = clients::check(workspace, &python, &rmcp, &rmcp_server, &logs)?;
            let matrix = matrix::check(workspace, &python, &servers, &rmcp, &frameworks, &folder, &logs)?;
            let authorization = authorization::check(workspace, &python, &servers, &folder, &logs)?;
            let pages = pages.check(workspace, &python, &servers, &folder, &logs)?;
            let telemetry = telemetry::check(workspace, &python, &logs)?;
            Ok((matrix, [corpus, clients, authorization, pages, telemetry]))
        },
    )?;
    println!("\n{}", matrix.markdown);
    let [corpus, clients, authorization, pages, telemetry] = others;
    table::report(&[corpus, clients, matrix.table, authorization, proxy, pages, telemetry])?;
    matrix::compare(workspace, &matrix.markdown)
}

/// Builds the client and the server on `rmcp`, and tests the page about such servers.
fn build_rmcp(workspace: &Workspace, folder: &Path) -> Outcome<(PathBuf, PathBuf)> {
    let client = build_rmcp_client(workspace, folder)?;
    for command in ["build", "test"] {
        run_program(&mut rmcp_cargo(workspace, folder, command, RMCP_SERVER_MANIFEST))?;
    }
    Ok((client, folder.join("rmcp/debug/rmcp-server")))
}

/// Builds the client on `rmcp`, and returns the program.
pub(crate) fn build_rmcp_client(workspace: &Workspace, folder: &Path) -> Outcome<PathBuf> {
    run_program(&mut rmcp_cargo(workspace, folder, "build", RMCP_MANIFEST))?;
    Ok(folder.join("rmcp/debug/rmcp-client"))
}

fn rmcp_cargo(workspace: &Workspace, folder: &Path, command: &str, manifest: &str) -> Command {
    let mut cargo = workspace.cargo(&[command, "--locked", "--manifest-path", manifest]);
    cargo.env("CARGO_TARGET_DIR", folder.join("rmcp"));
    cargo
}
