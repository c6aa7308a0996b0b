//! The examples behind nginx.

use std::path::Path;

use super::program::Program;
use super::python::Python;
use super::servers::{AuthorizationServer, Servers};
use super::table::Table;
use crate::workspace::{Outcome, Workspace};

/// The program that starts nginx, the examples and an authorization server, and runs the checks.
const DRIVER: &str = "xtask/interop/python/proxy.py";

const CHECKS: &[&str] = &["silent", "silent-handshake", "prefix", "prefix-machine", "prefix-user"];

/// Runs the checks, which take more than a minute, nearly all of it silence.
pub(super) fn check(
    workspace: &Workspace,
    python: &Python,
    servers: &Servers,
    folder: &Path,
    logs: &Path,
) -> Outcome<Table> {
    let mut command = python.command(workspace, DRIVER);
    command.extend([&servers.example, &servers.silent].map(Into::into));
    command.extend([folder, &servers.node, &servers.script(AuthorizationServer::OidcProvider)].map(Into::into));
    let program = Program { name: "Debian nginx", command, absent: &[] };
    let mut table = Table::new(CHECKS);
    let cells = program.run(table.columns, logs)?;
    table.add(program.name, cells);
    Ok(table)
}
