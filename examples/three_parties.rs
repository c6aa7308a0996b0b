//! Starts the example in `three_parties/`, which is a package of its own: it has a client and an authorization server, too,
//! and the other examples should not have to compile what those are made of.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> std::io::Result<ExitCode> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/three_parties/Cargo.toml");
    let status =
        Command::new(cargo).args(["run", "--manifest-path", manifest, "--"]).args(env::args_os().skip(1)).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
