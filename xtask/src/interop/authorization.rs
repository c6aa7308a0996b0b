//! The protected example, with authorization servers that were written elsewhere.

use std::path::Path;

use super::program::Program;
use super::python::Python;
use super::table::Table;
use crate::npm;
use crate::workspace::{Outcome, Workspace, run};

/// Starts a server and the example, and goes through the checks.
const DRIVER: &str = "xtask/interop/python/authorization.py";

const OIDC_PROVIDER: &str = "xtask/interop/oidc-provider";
const DJANGO: &str = "xtask/interop/django-oauth-toolkit/server.py";

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

pub(super) fn check(workspace: &Workspace, python: &Python, folder: &Path, logs: &Path) -> Outcome<Table> {
    run(&mut workspace.cargo(&["build", "--package=mcp", "--example=protected", "--features=introspection,jwt"]))?;
    let example = workspace.target.join("debug/examples/protected");
    let oidc_provider = folder.join("oidc-provider");
    let node = npm::install(workspace, OIDC_PROVIDER, &["server.mjs"], &oidc_provider)?;
    let django = workspace.root.join(DJANGO);
    let driver = |name, mode: &str, absent, server: &[&Path]| {
        let mut command = python.command(workspace, DRIVER);
        command.extend([mode.into(), example.clone().into(), folder.into()]);
        command.extend(server.iter().map(Into::into));
        Program { name, command, absent }
    };
    let mut table = Table::new(CHECKS);
    for program in [
        driver("npm oidc-provider, JWTs", "jwt", NOT_OF_JWTS, &[&node, &oidc_provider.join("server.mjs")]),
        driver("PyPI django-oauth-toolkit, introspection", "introspection", NOT_OF_INTROSPECTION, &[&django]),
    ] {
        let cells = program.run(table.columns, logs)?;
        table.add(&program, cells);
    }
    Ok(table)
}
