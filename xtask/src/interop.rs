//! `cargo xtask interop`: the notes example, used by clients that were written elsewhere.
//!
//! Each client is a program under `xtask/interop` that goes through the same checks and prints `ok CHECK` or
//! `failed CHECK: WHY` for each. What the programs need is installed from PyPI and crates.io under the target folder.

mod client;
mod notes;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, Workspace, run as run_program};
use client::{Client, Transport};
use notes::Notes;

/// The client that is built from the crate `rmcp`; a workspace of its own.
pub(crate) const RMCP_MANIFEST: &str = "xtask/interop/rmcp-client/Cargo.toml";

const PYTHON_PROGRAM: &str = "xtask/interop/python/client.py";
const PYTHON_REQUIREMENTS: &str = "xtask/interop/python/requirements.txt";

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("interop");
    run_program(&mut workspace.cargo(&["build", "--package=mcp", "--example=notes"]))?;
    let example = workspace.target.join("debug/examples/notes");
    let python = install_python(workspace, &folder)?;
    let rmcp = build_rmcp(workspace, &folder)?;
    let logs = folder.join("logs");
    fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;

    let mut rows = Vec::new();
    for client in clients(workspace, &python, &rmcp) {
        println!("{}", client.name);
        // A server of its own for each client, so that all find the same notes.
        let cells = match client.transport {
            Transport::Http => {
                let server = Notes::start(&example, &logs.join("notes.log"))?;
                client.run(&server.url(), &logs)?
            }
            Transport::Stdio => client.run(&example.to_string_lossy(), &logs)?,
        };
        rows.push((client.name, cells));
    }
    table::report(&rows)
}

fn clients(workspace: &Workspace, python: &Path, rmcp: &Path) -> Vec<Client> {
    let python = |name, mode, transport| Client {
        name,
        program: vec![python.to_owned(), workspace.root.join(PYTHON_PROGRAM)],
        mode,
        transport,
    };
    let rmcp = |name, mode, transport| Client { name, program: vec![rmcp.to_owned()], mode, transport };
    vec![
        python("PyPI mcp, Client, HTTP", "auto", Transport::Http),
        python("PyPI mcp, Client with handshake, HTTP", "legacy", Transport::Http),
        python("PyPI mcp, ClientSession, HTTP", "session", Transport::Http),
        python("PyPI mcp, Client, stdio", "auto", Transport::Stdio),
        python("PyPI mcp, Client with handshake, stdio", "legacy", Transport::Stdio),
        python("PyPI mcp, ClientSession, stdio", "session", Transport::Stdio),
        rmcp("crate rmcp, discover, HTTP", "discover", Transport::Http),
        rmcp("crate rmcp, handshake, HTTP", "initialize", Transport::Http),
        rmcp("crate rmcp, discover, stdio", "discover", Transport::Stdio),
        rmcp("crate rmcp, handshake, stdio", "initialize", Transport::Stdio),
    ]
}

/// The interpreter of an environment that has what the Python client needs.
fn install_python(workspace: &Workspace, folder: &Path) -> Outcome<PathBuf> {
    let environment = folder.join("python");
    let python = environment.join("bin/python");
    // The last thing that is put into a new environment.
    if !environment.join("bin/pip").exists() {
        run_program(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    run_program(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(workspace.root.join(PYTHON_REQUIREMENTS)),
    )?;
    Ok(python)
}

fn build_rmcp(workspace: &Workspace, folder: &Path) -> Outcome<PathBuf> {
    let target = folder.join("rmcp");
    run_program(
        workspace.cargo(&["build", "--locked", "--manifest-path", RMCP_MANIFEST]).env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join("debug/rmcp-client"))
}
