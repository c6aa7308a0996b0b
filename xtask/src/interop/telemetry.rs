//! The tracker with a client that traces its calls, and a collector of OpenTelemetry.

use std::path::Path;

use super::program::Program;
use super::python::Python;
use super::table::Table;
use crate::workspace::{Outcome, Workspace, run};

/// The program that starts the tracker and the collector, calls a tool, and reads what was exported.
const DRIVER: &str = "xtask/interop/python/telemetry.py";

const CHECKS: &[&str] = &["trace", "trace-handshake"];

pub(super) fn check(workspace: &Workspace, python: &Python, logs: &Path) -> Outcome<Table> {
    run(&mut workspace.cargo(&["build", "--package=tracker"]))?;
    let mut command = python.command(workspace, DRIVER);
    command.extend([workspace.target.join("debug/tracker"), logs.to_owned()].map(Into::into));
    let program = Program { name: "PyPI mcp, with a trace", command, absent: &[] };
    let mut table = Table::new(CHECKS);
    let cells = program.run(table.columns, logs)?;
    table.add(program.name, cells);
    Ok(table)
}
