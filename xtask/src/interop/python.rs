//! The interpreter that runs the programs in Python.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, Workspace, run};

/// The interpreter of an environment with the packages of the programs.
pub(crate) struct Python(PathBuf);

impl Python {
    /// Installs the packages of the file `requirements` into the folder `environment`.
    ///
    /// The file has to be complete, because no further dependency is resolved. No package runs code at its installation.
    pub(crate) fn install(workspace: &Workspace, requirements: &str, environment: &Path) -> Outcome<Self> {
        let python = environment.join("bin/python");
        // The last thing that is put into a new environment.
        if !environment.join("bin/pip").exists() {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
        }
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--only-binary=:all:", "--requirement"])
            .arg(workspace.root.join(requirements)))?;
        Ok(Self(python))
    }

    /// Returns the command that runs a program of the workspace without writing beside it.
    pub(crate) fn command(&self, workspace: &Workspace, program: &str) -> Vec<OsString> {
        vec![self.0.clone().into(), "-B".into(), workspace.root.join(program).into()]
    }
}
