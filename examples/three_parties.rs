//! Starts the example in `three_parties/`, which is a package of its own: it is a client and an authorization server, too,
//! and what those are made of is nothing that the other examples should have to be compiled with.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/three_parties/Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--manifest-path", manifest, "--"]).args(env::args_os().skip(1));
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // It has said why.
        _ => ExitCode::FAILURE,
    }
}
