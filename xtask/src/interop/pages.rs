//! The protected example, called by `fetch`: from pages of another origin in Chromium, and from Node.

use std::path::{Path, PathBuf};

use super::program::Program;
use super::python::Python;
use super::servers::{AuthorizationServer, Servers};
use super::table::Table;
use crate::npm;
use crate::workspace::{Outcome, Workspace};

/// The program that starts an authorization server, the example and the callers.
const DRIVER: &str = "xtask/interop/python/pages.py";

const NPM: &str = "xtask/interop/browser";
const NPM_FILES: &[&str] = &["app.mjs", "chromium.mjs", "too_long.mjs"];

const CHECKS: &[&str] = &["too-long", "refusal", "fetch", "session", "preflights", "stranger", "use-mcp"];

/// The installed packages.
pub(super) struct Pages(PathBuf);

impl Pages {
    pub(super) fn install(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        let folder = folder.join("browser");
        npm::install(workspace, NPM, NPM_FILES, &folder)?;
        Ok(Self(folder))
    }

    pub(super) fn check(
        &self,
        workspace: &Workspace,
        python: &Python,
        servers: &Servers,
        folder: &Path,
        logs: &Path,
    ) -> Outcome<Table> {
        let mut command = python.command(workspace, DRIVER);
        command.extend([servers.example.as_path(), folder, &servers.node].map(Into::into));
        command.extend([&servers.script(AuthorizationServer::OidcProvider), &self.0].map(Into::into));
        command.push(folder.join("screenshots/pages").into());
        let program = Program { name: "Chromium and Node", command, absent: &[] };
        let mut table = Table::new(CHECKS);
        let cells = program.run(table.columns, logs)?;
        table.add(program.name, cells);
        Ok(table)
    }
}
