//! `cargo xtask conformance`: the official conformance suite, run against the `everything` example.
//!
//! It runs against the open server and against the protected one. The suite has no tokens, so a proxy adds one. Every
//! run has a server of its own, because the suite changes the server's state. Their output is in `target/conformance`.

mod checks;
mod proxy;
mod suite;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::npm;
use crate::server::{Server, free_address};
use crate::workspace::{Outcome, Workspace, run as run_program};
use checks::{Count, Finding};
use proxy::Proxy;
use suite::{RUNS, Run, Suite};

/// The package and the Node.js that it runs on.
const PACKAGE: &str = "xtask/conformance";

/// The token that the example accepts.
const TOKEN: &str = "everything-token";

/// The two servers, which are made from the same parts.
const EXAMPLES: &[(&str, &str)] = &[("open", "everything"), ("protected", "everything_protected")];

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.target.join("conformance");
    let node = npm::install(workspace, PACKAGE, &[], &folder)?;
    let suite = Suite { node, folder: folder.clone() };
    let mut rows = Vec::new();
    for (kind, example) in EXAMPLES {
        run_program(&mut workspace.cargo(&["build", "--package=mcp", "--example", example]))?;
        let program = workspace.target.join("debug/examples").join(example);
        for run in RUNS {
            let name = format!("{kind}, {}", run.flags.join(" "));
            println!("{name}");
            let output = folder.join("results").join(name.replace([',', ' '], ""));
            if output.exists() {
                fs::remove_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
            }
            fs::create_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
            let findings = against(&program, *kind == "protected", &suite, run, &output)?;
            rows.push((name, run, findings));
        }
    }
    report(&rows)
}

/// Starts a server, and runs the suite against it.
fn against(program: &Path, protected: bool, suite: &Suite, run: &Run, output: &Path) -> Outcome<Vec<Finding>> {
    let address = free_address()?;
    let mut command = Command::new(program);
    command.env("PORT", address.port().to_string());
    let server = Server::start(&mut command, address, &output.join("server.log"))?;
    let address = if protected { Proxy::start(server.address, TOKEN)?.address } else { server.address };
    suite.run(run, &format!("http://{address}/mcp"), output)
}

/// Prints a table run × status, and fails with the outcomes that are not expected.
fn report(rows: &[(String, &Run, Vec<Finding>)]) -> Outcome {
    let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    println!("\n{:width$}  success  info  skipped  warning  failure", "");
    let mut wrong = Vec::new();
    for (name, run, findings) in rows {
        let count = Count::of(findings);
        println!(
            "{name:width$}  {:7}  {:4}  {:7}  {:7}  {:7}",
            count.success, count.info, count.skipped, count.warning, count.failure
        );
        if count.success < run.successes {
            wrong.push(format!("{name}: {} checks succeeded, and {} should", count.success, run.successes));
        }
        wrong.extend(
            findings.iter().filter(|finding| !finding.is_expected()).map(|finding| format!("{name}: {finding}")),
        );
    }
    println!();
    for line in &wrong {
        println!("{line}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} things that the conformance suite objects to", wrong.len())) }
}
