//! `cargo xtask replicas`: several instances of an example, with an engine between them, and what they promise.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::interop::python::Python;
use crate::interop::{REQUIREMENTS, build_rmcp_client};
use crate::npm;
use crate::workspace::{Outcome, Workspace, run as run_program};

/// The page with the table of the features, between two markers.
const PAGE: &str = "docs/scaling.md";
const BEGIN: &str = "<!-- Written by `cargo xtask replicas`. -->\n\n";
const END: &str = "\n<!-- End of the table. -->";

const DRIVER: &str = "xtask/replicas/main.py";
const PYPI_CLIENT: &str = "xtask/replicas/clients.py";
const NPM: &str = "xtask/interop/npm";
const NPM_CLIENT: &str = "replicas.mjs";

/// Tests with many repetitions, and writes the table.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let table = check(workspace, "full")?;
    let path = workspace.root.join(PAGE);
    let page = read(&path)?;
    let (before, after) = split(&page)?;
    fs::write(&path, format!("{before}{table}{after}")).map_err(|error| format!("{}: {error}", path.display()))
}

/// Tests with few repetitions, and compares the table.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    let table = check(workspace, "quick")?;
    let page = read(&workspace.root.join(PAGE))?;
    let (before, after) = split(&page)?;
    if page == format!("{before}{table}{after}") {
        return Ok(());
    }
    Err(format!("{PAGE} has another table; `cargo xtask replicas` writes it:\n{table}"))
}

/// Runs the tests of the engine, then those of the instances, and returns the table of the features.
fn check(workspace: &Workspace, extent: &str) -> Outcome<String> {
    run_program(&mut workspace.cargo(&["test", "--package=mcp-tests", "--features=redis", "--test=redis"]))?;
    run_program(&mut workspace.cargo(&["build", "--package=mcp", "--example=replicated", "--features=redis"]))?;
    // The packages are those of `interop`, in the same folders.
    let installed = workspace.target.join("interop");
    let python = Python::install(workspace, REQUIREMENTS, &installed.join("python"))?;
    let rmcp = build_rmcp_client(workspace, &installed)?;
    let node = npm::install(workspace, NPM, &[NPM_CLIENT], &installed.join("npm"))?;
    let script = installed.join("npm").join(NPM_CLIENT);

    let folder = workspace.target.join("replicas");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let table = folder.join("table.md");
    let example = workspace.target.join("debug/examples/replicated");
    let mut driver = python.command(workspace, DRIVER);
    driver.extend([extent.into(), example.into(), folder.into(), table.clone().into()]);
    for mode in ["auto", "legacy"] {
        driver.push(client(&python.command(workspace, PYPI_CLIENT), &[mode]));
    }
    for mode in ["sdk", "modern", "handshake"] {
        driver.push(client(&[node.clone().into(), script.clone().into()], &[mode]));
    }
    for mode in ["discover", "initialize"] {
        driver.push(client(&[rmcp.clone().into()], &[mode, "replicas"]));
    }
    let modules = workspace.root.join("xtask/interop/python");
    run_program(Command::new("env").arg(format!("PYTHONPATH={}", modules.display())).args(driver))?;
    read(&table)
}

/// Returns the words of a command, as the driver reads them.
fn client(command: &[OsString], further: &[&str]) -> OsString {
    let words = command.iter().map(|word| word.to_string_lossy());
    json!(words.chain(further.iter().map(|word| (*word).into())).collect::<Vec<_>>()).to_string().into()
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the page before and after its table.
fn split(page: &str) -> Outcome<(&str, &str)> {
    let parts = page.find(BEGIN).and_then(|begin| {
        let begin = begin + BEGIN.len();
        let end = begin + page.get(begin..)?.find(END)?;
        Some((page.get(..begin)?, page.get(end..)?))
    });
    parts.ok_or_else(|| format!("{PAGE} has no markers of its table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_replaced_between_its_markers() {
        let page = format!("before {BEGIN}| old |\n{END} after");
        let (before, after) = split(&page).expect("markers");
        assert_eq!(format!("{before}| new |\n{after}"), format!("before {BEGIN}| new |\n{END} after"));
        assert!(split(&format!("{END} {BEGIN}")).is_err());
    }
}
