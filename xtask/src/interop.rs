//! `cargo xtask interop`: the examples, used by programs that were written elsewhere.
//!
//! Each of the programs under `xtask/interop` goes through checks and prints `ok CHECK` or `failed CHECK: WHY` for each.
//! What they need is installed from PyPI, npm and crates.io under the target folder.

mod authorization;
mod clients;
mod program;
mod python;
mod table;

use std::fs;

use crate::workspace::{Outcome, Workspace};
use python::Python;

/// The client that is built from the crate `rmcp`; a workspace of its own.
pub(crate) const RMCP_MANIFEST: &str = "xtask/interop/rmcp-client/Cargo.toml";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("interop");
    let logs = folder.join("logs");
    fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
    let python = Python::install(workspace, &folder)?;
    let clients = clients::check(workspace, &python, &folder, &logs)?;
    let authorization = authorization::check(workspace, &python, &folder, &logs)?;
    table::report(&[clients, authorization])
}
