//! The folders of the workspace, and running programs in them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A result whose error is a message for a person.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The folders that the commands work in.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's target folder, where everything that is built or installed goes.
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask is not inside of the workspace")?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder).map_err(|error| format!("CARGO_TARGET_DIR: {error}"))?,
            None => root.join("target"),
        };
        Ok(Self { root: root.to_owned(), target })
    }

    /// Returns the running cargo as a command in the workspace's root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// Installs the program of a package from the registry, and returns its path.
    ///
    /// It is not optimised, because building it takes longer than running it ever will.
    pub(crate) fn install(&self, package: &str, version: &str) -> Outcome<PathBuf> {
        let tools = self.target.join("tools");
        let mut cargo = self.cargo(&["install", package, "--version", version, "--locked", "--debug", "--root"]);
        run(cargo.arg(&tools).env("CARGO_PROFILE_DEV_DEBUG", "none").env_remove("CARGO_TARGET_DIR"))?;
        Ok(tools.join("bin").join(package))
    }
}

/// Runs a program and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", shown(command))) }
}

/// Runs a program, fails unless it succeeds, and returns its output.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    if !output.status.success() {
        return Err(format!("{}: {}", shown(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", shown(command)))
}

/// Formats a command as it is typed, without the program's folder.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    format!("`{}`", words.join(" "))
}
