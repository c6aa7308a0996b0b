//! `cargo xtask deny`: licences, sources and bans of all dependencies, by the rules in `deny.toml`.
//!
//! Not advisories: their database is not a package of a registry, and it changes without a change here.

use crate::workspace::{Outcome, Workspace, run as run_program};

const VERSION: &str = "0.20.2";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let tools = workspace.target.join("tools");
    // Unoptimised, because building it takes longer than running it ever will.
    run_program(
        workspace
            .cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--root"])
            .arg(&tools)
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env_remove("CARGO_TARGET_DIR"),
    )?;
    let mut deny = std::process::Command::new(tools.join("bin/cargo-deny"));
    run_program(deny.args(["--all-features", "check", "bans", "licenses", "sources"]).current_dir(&workspace.root))
}
