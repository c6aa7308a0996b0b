//! `cargo xtask deny`: licences, sources and bans of all dependencies, by the rules in `deny.toml`, and no unsafe code.
//!
//! Not advisories: their database is not a package of a registry, and it changes without a change here.

use std::fs;

use crate::workspace::{Outcome, Workspace, output, run as run_program};

const VERSION: &str = "0.20.2";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    forbid_unsafe_code(workspace)?;
    let mut deny = std::process::Command::new(workspace.install("cargo-deny", VERSION)?);
    run_program(deny.args(["--all-features", "check", "bans", "licenses", "sources"]).current_dir(&workspace.root))
}

/// Checks that each crate of the workspace takes its lints, which forbid unsafe code.
fn forbid_unsafe_code(workspace: &Workspace) -> Outcome {
    let read = |file: &str| fs::read_to_string(workspace.root.join(file)).map_err(|error| format!("{file}: {error}"));
    if !read("Cargo.toml")?.contains("\nunsafe_code = \"forbid\"\n") {
        return Err("Cargo.toml: `[workspace.lints.rust]` needs `unsafe_code = \"forbid\"`".to_owned());
    }
    let files =
        output(std::process::Command::new("git").args(["ls-files", "*Cargo.toml"]).current_dir(&workspace.root))?;
    for file in files.lines() {
        let manifest = read(file)?;
        if manifest.contains("\nversion.workspace = true\n") && !manifest.contains("\n[lints]\nworkspace = true\n") {
            return Err(format!("{file}: a crate of the workspace needs `[lints]` with `workspace = true`"));
        }
    }
    Ok(())
}
