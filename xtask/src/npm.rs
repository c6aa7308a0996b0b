//! Packages from npm, and the Node.js to run them on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, Workspace, run};

/// Installs the packages of the lock file in `source` into `folder`, copies `files` there, and returns the Node.js.
///
/// The Node.js is one of the packages, because it is newer than most machines have. No package runs code at its
/// installation.
pub(crate) fn install(workspace: &Workspace, source: &str, files: &[&str], folder: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in ["package.json", "package-lock.json"].iter().chain(files) {
        let source = workspace.root.join(source).join(file);
        fs::copy(&source, folder.join(file)).map_err(|error| format!("{}: {error}", source.display()))?;
    }
    let quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").arg("install").args(quietly).current_dir(folder))?;
    Ok(folder.join("node_modules/.bin/node"))
}
