//! The programs that are measured, each a binary of one of the packages in `benches/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{Server as Running, free_address};
use crate::workspace::{Outcome, Workspace, run};

/// A folder in `benches/`, and a workspace of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Package {
    Floor,
    Mcp,
    Rmcp,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Server {
    pub(crate) package: Package,
    binary: &'static str,
    /// A variable of its environment, with the value.
    variable: Option<(&'static str, &'static str)>,
}

pub(crate) const HYPER: Server = Server::new(Package::Floor, "hyper");
pub(crate) const AXUM: Server = Server::new(Package::Floor, "axum");
/// A server on axum with the checks that the specification requires.
pub(crate) const CHECKED: Server = Server::new(Package::Floor, "axum_checked");
/// A server with these checks without axum.
pub(crate) const HYPER_CHECKED: Server = Server::new(Package::Floor, "hyper_checked");
/// A program that checks signatures, and serves nothing.
pub(crate) const SIGNATURE: Server = Server::new(Package::Floor, "signature");
pub(crate) const SERVE: Server = Server::new(Package::Mcp, "serve");
pub(crate) const MANY: Server = Server::new(Package::Mcp, "many");
pub(crate) const MOUNTED: Server = Server::new(Package::Mcp, "mounted");
pub(crate) const STREAMING: Server = Server::new(Package::Mcp, "streaming");
/// A server with one more part in use.
pub(crate) const USED: Server = Server::new(Package::Mcp, "used");
pub(crate) const JWT: Server = Server::new(Package::Mcp, "jwt");
pub(crate) const CACHED: Server = Server::new(Package::Rmcp, "cached");
pub(crate) const GENERATED: Server = Server::new(Package::Rmcp, "generated");

/// The number of threads that serve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Threads {
    One,
    AllProcessors,
}

impl Package {
    pub(crate) const ALL: [Self; 3] = [Self::Floor, Self::Mcp, Self::Rmcp];

    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Mcp => "mcp",
            Self::Rmcp => "rmcp",
        }
    }

    pub(crate) fn manifest(self) -> String {
        format!("benches/{}/Cargo.toml", self.folder())
    }

    pub(crate) fn lock(self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(self.manifest()).with_file_name("Cargo.lock")
    }

    fn target(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("bench").join(self.folder())
    }

    pub(crate) fn build(self, workspace: &Workspace) -> Outcome {
        let target = self.target(workspace);
        run(&mut self.cargo(workspace, &target))?;
        if self == Self::Mcp {
            // Tokens that are JWTs apart from the rest, because features are for a whole build.
            run(self.cargo(workspace, &target).args(["--features=jwt", "--bin=jwt"]))?;
        }
        Ok(())
    }

    fn cargo(self, workspace: &Workspace, target: &Path) -> Command {
        let mut cargo = workspace.cargo(&["build", "--release", "--manifest-path", &self.manifest()]);
        // The dependencies of the framework change, and those of its servers with them.
        if self != Self::Mcp {
            cargo.arg("--locked");
        }
        cargo.env("CARGO_TARGET_DIR", target);
        cargo
    }
}

impl Server {
    const fn new(package: Package, binary: &'static str) -> Self {
        Self { package, binary, variable: None }
    }

    /// Returns this server with a variable in its environment.
    pub(crate) const fn with(self, name: &'static str, value: &'static str) -> Self {
        Self { variable: Some((name, value)), ..self }
    }

    pub(crate) fn name(self) -> String {
        let variable = self.variable.map(|(name, value)| format!(", {name}={value}")).unwrap_or_default();
        format!("{}/{}{variable}", self.package.folder(), self.binary)
    }

    /// Builds this server with the default number of codegen units, and returns its path.
    pub(crate) fn build_in_many_units(self, workspace: &Workspace) -> Outcome<PathBuf> {
        let target = file(workspace, "many_units").join(self.package.folder());
        let mut cargo = self.package.cargo(workspace, &target);
        // What cargo takes for a release build.
        run(cargo.args(["--bin", self.binary]).env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"))?;
        Ok(target.join("release").join(self.binary))
    }

    pub(crate) fn path(self, workspace: &Workspace) -> PathBuf {
        self.package.target(workspace).join("release").join(self.binary)
    }

    /// Sets the environment of the command that runs this server.
    pub(crate) fn configure(self, command: &mut Command, port: u16, threads: Threads) {
        command.env("PORT", port.to_string());
        command.env("RT", if threads == Threads::One { "ct" } else { "mt" });
        command.envs(self.variable);
    }

    /// Starts the server without a tool that measures.
    pub(crate) fn start(self, workspace: &Workspace, threads: Threads) -> Outcome<Running> {
        let address = free_address()?;
        let mut command = Command::new(self.path(workspace));
        self.configure(&mut command, address.port(), threads);
        Running::start(&mut command, address, &log(workspace))
    }
}

/// The path of the log of the program that was measured last.
pub(crate) fn log(workspace: &Workspace) -> PathBuf {
    file(workspace, "server.log")
}

/// Reads the tokens that a server logged.
pub(crate) fn logged_tokens(workspace: &Workspace) -> Outcome<Vec<String>> {
    let log = log(workspace);
    let text = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    Ok(text.lines().filter(|line| line.starts_with("eyJ")).map(str::to_owned).collect())
}

pub(crate) fn file(workspace: &Workspace, name: impl AsRef<Path>) -> PathBuf {
    workspace.target.join("bench").join(name)
}
