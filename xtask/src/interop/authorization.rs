//! The protected example, with authorization servers that were written elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::Program;
use super::python::Python;
use super::table::Table;
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
    let oidc_provider = install_oidc_provider(workspace, folder)?;
    let django = workspace.root.join(DJANGO);
    let driver = |name, mode: &str, absent, server: &[&Path]| {
        let mut command = python.command(workspace, DRIVER);
        command.extend([mode.into(), example.clone().into(), folder.into()]);
        command.extend(server.iter().map(Into::into));
        Program { name, command, absent }
    };
    let mut table = Table::new(CHECKS);
    for program in [
        driver(
            "npm oidc-provider, JWTs",
            "jwt",
            NOT_OF_JWTS,
            &[&oidc_provider.join("node_modules/.bin/node"), &oidc_provider.join("server.mjs")],
        ),
        driver("PyPI django-oauth-toolkit, introspection", "introspection", NOT_OF_INTROSPECTION, &[&django]),
    ] {
        let cells = program.run(table.columns, logs)?;
        table.add(&program, cells);
    }
    Ok(table)
}

/// The folder that the server can be run in, with all that it needs, a newer Node.js than most machines have included.
fn install_oidc_provider(workspace: &Workspace, folder: &Path) -> Outcome<PathBuf> {
    let folder = folder.join("oidc-provider");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in ["package.json", "package-lock.json", "server.mjs"] {
        let source = workspace.root.join(OIDC_PROVIDER).join(file);
        fs::copy(&source, folder.join(file)).map_err(|error| format!("{}: {error}", source.display()))?;
    }
    run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder))?;
    Ok(folder)
}
