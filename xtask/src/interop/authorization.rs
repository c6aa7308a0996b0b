//! The protected example with the authorization servers of other projects.

use std::path::Path;

use super::program::Program;
use super::python::Python;
use super::servers::{AuthorizationServer, Servers};
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

/// The checks without a case for JWTs, which are valid until they expire.
const NOT_OF_JWTS: &[&str] = &["revoked", "secret"];
/// The checks without a case for opaque tokens, which have no keys.
const NOT_OF_INTROSPECTION: &[&str] = &["algorithms", "stranger", "new-kid", "same-kid"];
/// The checks without a case for a server that makes its keys itself, of one kind.
const NOT_OF_OWN_KEYS: &[&str] = &["revoked", "secret", "algorithms", "stranger", "new-kid", "same-kid"];
/// The checks without a case for Glewlwyd, whose tokens are all valid for an hour.
const NOT_OF_GLEWLWYD: &[&str] = &["revoked", "secret", "algorithms", "stranger", "new-kid", "same-kid", "expired"];

pub(super) fn check(
    workspace: &Workspace,
    python: &Python,
    servers: &Servers,
    folder: &Path,
    logs: &Path,
) -> Outcome<Table> {
    use AuthorizationServer::{BetterAuth, DjangoOauthToolkit, Glewlwyd, OidcProvider};
    let driver = |name, server: AuthorizationServer, absent| {
        let mut command = python.command(workspace, DRIVER);
        command.extend([server.name().into(), servers.example.clone().into(), folder.into()]);
        command.extend([servers.node.clone(), servers.script(server)].map(Into::into));
        Program { name, command, absent }
    };
    let mut table = Table::new(CHECKS);
    for program in [
        driver("npm oidc-provider, JWTs", OidcProvider, NOT_OF_JWTS),
        driver("PyPI django-oauth-toolkit, introspection", DjangoOauthToolkit, NOT_OF_INTROSPECTION),
        driver("npm better-auth, JWTs", BetterAuth, NOT_OF_OWN_KEYS),
        driver("Debian glewlwyd, JWTs", Glewlwyd, NOT_OF_GLEWLWYD),
    ] {
        let cells = program.run(table.columns, logs)?;
        table.add(program.name, cells);
    }
    Ok(table)
}
