//! The environments of clients whose packages conflict with those of the others.

use std::path::{Path, PathBuf};

use super::python::Python;
use crate::npm;
use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace};

const NPM: &str = "xtask/interop/frameworks";
const NPM_FILES: &[&str] = &["authorized.mjs"];

/// The packages that need version 1 of the PyPI package `mcp`.
const MCP_1: &str = "xtask/interop/frameworks/mcp-1.txt";
/// The packages that need version 2 of the PyPI package `mcp`.
const MCP_2: &str = "xtask/interop/frameworks/mcp-2.txt";

/// The installed environments.
pub(super) struct Frameworks {
    /// The folder with the environments `mcp-1`, `mcp-2` and `npm`.
    pub(super) folder: PathBuf,
    pub(super) mcp_1: Python,
    pub(super) mcp_2: Python,
}

impl Frameworks {
    pub(super) fn install(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        let folder = folder.join("frameworks");
        let (_, (mcp_1, mcp_2)) = both(
            || npm::install(workspace, NPM, NPM_FILES, &folder.join("npm")),
            || {
                both(
                    || Python::install(workspace, MCP_1, &folder.join("mcp-1")),
                    || Python::install(workspace, MCP_2, &folder.join("mcp-2")),
                )
            },
        )?;
        Ok(Self { folder, mcp_1, mcp_2 })
    }
}
