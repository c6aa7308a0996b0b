//! The protected example, and the authorization servers that it trusts. Programs in Python start them.

use std::path::{Path, PathBuf};

use crate::npm;
use crate::workspace::{Outcome, Workspace, run};

const OIDC_PROVIDER: &str = "xtask/interop/oidc-provider";
const DJANGO: &str = "xtask/interop/django-oauth-toolkit/server.py";

/// Built and installed.
pub(super) struct Servers {
    pub(super) example: PathBuf,
    /// Runs `oidc_provider`; the interpreter of the programs runs `django`.
    pub(super) node: PathBuf,
    pub(super) oidc_provider: PathBuf,
    pub(super) django: PathBuf,
}

impl Servers {
    pub(super) fn install(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        run(&mut workspace.cargo(&["build", "--package=mcp", "--example=protected", "--features=introspection,jwt"]))?;
        let folder = folder.join("oidc-provider");
        Ok(Self {
            example: workspace.target.join("debug/examples/protected"),
            node: npm::install(workspace, OIDC_PROVIDER, &["server.mjs"], &folder)?,
            oidc_provider: folder.join("server.mjs"),
            django: workspace.root.join(DJANGO),
        })
    }
}
