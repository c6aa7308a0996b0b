//! The protected example, with authorization servers that were written elsewhere.

use std::path::Path;

use super::program::Program;
use super::python::Python;
use super::servers::Servers;
use super::table::Table;
use crate::workspace::{Outcome, Workspace};

/// Starts a server and the example, and goes through the checks.
const DRIVER: &str = "xtask/interop/python/authorization.py";

const CHECKS: &[&str] = &[
    "discovery",
    "machine",
    "user",
    "scope",
    "audience",
    "expired",
    "forged",
    "algorithms",
    "stranger",
    "new-kid",
    "same-kid",
    "revoked",
    "secret",
    "slow",
    "killed",
    "late",
    "logs",
];

/// JWTs are good until they expire, and nobody is asked about them.
const NOT_OF_JWTS: &[&str] = &["revoked", "secret"];
/// Opaque tokens have no keys, and their server speaks plain HTTP here.
const NOT_OF_INTROSPECTION: &[&str] = &["algorithms", "stranger", "new-kid", "same-kid"];

pub(super) fn check(
    workspace: &Workspace,
    python: &Python,
    servers: &Servers,
    folder: &Path,
    logs: &Path,
) -> Outcome<Table> {
    let driver = |name, mode: &str, absent, server: &[&Path]| {
        let mut command = python.command(workspace, DRIVER);
        command.extend([mode.into(), servers.example.clone().into(), folder.into()]);
        command.extend(server.iter().map(Into::into));
        Program { name, command, absent }
    };
    let mut table = Table::new(CHECKS);
    for program in [
        driver("npm oidc-provider, JWTs", "jwt", NOT_OF_JWTS, &[&servers.node, &servers.oidc_provider]),
        driver("PyPI django-oauth-toolkit, introspection", "introspection", NOT_OF_INTROSPECTION, &[&servers.django]),
    ] {
        let cells = program.run(table.columns, logs)?;
        table.add(program.name, cells);
    }
    Ok(table)
}
