//! `cargo xtask fuzz`: libFuzzer looks for an input that breaks one of the properties of `fuzz/`.
//!
//! It is the compiler that counts what is run (LLVM's SanitizerCoverage) and libFuzzer that goes by it; no sanitizer is
//! needed, and so no other toolchain than the one that builds everything else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, Workspace, output, run as run_program};

/// The flags that `cargo fuzz` passes to rustc, without a sanitizer.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// The targets, a workspace of their own.
pub(crate) const MANIFEST: &str = "fuzz/targets/Cargo.toml";

/// The time of a target by default.
const SECONDS: u32 = 300;

/// The number of inputs of a target in `cargo xtask ci`, the same ones each time.
const SMOKE_RUNS: u32 = 10_000;

/// The time limit of one input, in seconds, on a busy machine.
const TIMEOUT: u32 = 120;

/// Runs every target for some minutes, from the corpus of its earlier runs.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let targets = Targets::build(workspace)?;
    targets.names()?.iter().try_for_each(|name| targets.search(name, SECONDS))
}

/// Runs one target for some seconds.
pub(crate) fn run_one(workspace: &Workspace, name: &str, seconds: Option<u32>) -> Outcome {
    let targets = Targets::build(workspace)?;
    let names = targets.names()?;
    if !names.iter().any(|known| known == name) {
        return Err(format!("there is no target `{name}`; they are {}", names.join(", ")));
    }
    targets.search(name, seconds.unwrap_or(SECONDS))
}

/// Runs every target from its seeds for about half a minute, and prints the output of one that fails.
pub(crate) fn smoke(workspace: &Workspace) -> Outcome {
    let targets = Targets::build(workspace)?;
    for name in targets.names()? {
        let corpus = targets.folder.join("smoke").join(&name);
        // What one run found may not decide what the next one tries.
        let _ = fs::remove_dir_all(&corpus);
        let mut target = targets.command(&name, &corpus)?;
        target.arg(format!("-runs={SMOKE_RUNS}")).args(["-seed=1", "-verbosity=0"]);
        let output = target.output().map_err(|error| format!("{name}: {error}"))?;
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            return Err(targets.remark(&name, &output.status.to_string()));
        }
        println!("{name:<14}{SMOKE_RUNS} inputs");
    }
    Ok(())
}

/// The targets, built.
struct Targets<'a> {
    workspace: &'a Workspace,
    /// The folder for programs, inputs and logs.
    folder: PathBuf,
    binaries: PathBuf,
}

impl<'a> Targets<'a> {
    fn build(workspace: &'a Workspace) -> Outcome<Self> {
        let folder = workspace.target.join("fuzz");
        let host = host()?;
        // With a target, so that build scripts and macros are built without the counters, which only libFuzzer has a use for.
        run_program(
            workspace
                .cargo(&["build", "--release", "--locked", "--manifest-path", MANIFEST, "--target", &host])
                .env("CARGO_TARGET_DIR", &folder)
                .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")),
        )?;
        Ok(Self { workspace, binaries: folder.join(host).join("release"), folder })
    }

    /// Returns the names of the targets, each a file of its own.
    fn names(&self) -> Outcome<Vec<String>> {
        let folder = self.workspace.root.join(MANIFEST).with_file_name("src/bin");
        let failed = |error| format!("{}: {error}", folder.display());
        let files = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
        let name = |file: &fs::DirEntry| Some(file.path().file_stem()?.to_string_lossy().into_owned());
        let mut names: Vec<String> = files.iter().filter_map(name).collect();
        names.sort();
        Ok(names)
    }

    fn search(&self, name: &str, seconds: u32) -> Outcome {
        println!("\n--- {name}");
        let mut target = self.command(name, &self.folder.join("corpus").join(name))?;
        target.args([&*format!("-max_total_time={seconds}"), "-print_final_stats=1"]);
        run_program(&mut target).map_err(|error| self.remark(name, &error))
    }

    /// Returns the command that runs a target, which adds useful inputs to `corpus`.
    fn command(&self, name: &str, corpus: &Path) -> Outcome<Command> {
        let found = self.found(name);
        for folder in [Some(corpus), found.parent()].into_iter().flatten() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let mut target = Command::new(self.binaries.join(name));
        target
            .current_dir(&self.workspace.root)
            .arg(format!("-exact_artifact_path={}", found.display()))
            .arg(format!("-timeout={TIMEOUT}"))
            .arg("-max_len=4096")
            .arg(corpus)
            .arg(Path::new("fuzz/seeds").join(name));
        Ok(target)
    }

    /// Returns the path of an input that breaks the property.
    fn found(&self, name: &str) -> PathBuf {
        self.folder.join("found").join(name)
    }

    /// Returns a remark about a run that failed.
    fn remark(&self, name: &str, error: &str) -> String {
        let (binary, found) = (self.binaries.join(name), self.found(name));
        let (binary, found) = (binary.display(), found.display());
        format!(
            "{name}: {error}\nTo see it again: {binary} {found}\nTo make it a test, copy that file into fuzz/seeds/{name}"
        )
    }
}

/// Returns the target triple that the toolchain builds for by default.
fn host() -> Outcome<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("`rustc -vV` names no host:\n{version}"))
}
