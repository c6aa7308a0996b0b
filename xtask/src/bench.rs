//! `cargo xtask bench`: costs of this framework beside those of servers written by hand and on rmcp.
//!
//! `--quick` counts only what a request to this framework costs, and compares it with the figures in the repository.

mod client;
mod compile;
mod counted;
mod crowd;
mod figures;
pub(crate) mod finding;
mod load;
mod memory;
mod processor;
mod report;
mod rows;
mod servers;
mod start;
mod streams;
mod throughput;
mod tools;

use std::fs;

use crate::workspace::{Outcome, Workspace};
use counted::{Counts, Metric};
use figures::Figures;
use finding::{Finding, RowCosts, line, short};
use load::Load;
use report::Report;
use rows::{ADDED, ROWS, Row, SIDE_BY_SIDE};
use servers::{Package, Server};

type Measure = fn(&Workspace) -> Outcome<Vec<Finding>>;

/// The measurements that depend on the machine.
const PARTS: &[(&str, Measure)] = &[
    ("processor time", processor::measure),
    ("streams", streams::measure),
    ("throughput", throughput::measure),
    ("memory", memory::measure),
    ("size and start", start::measure),
    ("compiling", compile::measure),
];

/// Measures everything, and writes `docs/performance.md`, failed measurements included.
///
/// Fails when a measurement fails or a count misses its goal. The other goals depend on the machine.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    tools::can_measure()?;
    let mut report = Report::begin(workspace);
    build(workspace, &Package::ALL)?;
    let mut counts = Counts::new(workspace);
    print!("{}", line(&Finding::HEAD));
    count(&mut counts, &mut report);
    let missed = report.findings.iter().filter(|finding| finding.met == Some(false));
    let missed: Vec<String> = missed.map(|finding| format!("missed: {}", finding.what)).collect();
    side_by_side(&mut counts, &mut report);
    for (name, measure) in PARTS {
        let findings = measured(workspace, name, *measure, &mut report.failed);
        report.findings.extend(findings);
    }
    report.crowd = measured(workspace, "many clients", crowd::measure, &mut report.failed);
    report.write(workspace)?;
    let failed = report.failed.iter().map(|failure| format!("not measured: {failure}"));
    let wrong: Vec<String> = missed.into_iter().chain(failed).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn count(counts: &mut Counts<'_>, report: &mut Report) {
    let mut counted: Vec<RowCosts> = Vec::new();
    for row in ROWS {
        match count_row(counts, row) {
            Ok(row) => {
                let finding = row.finding(&counted);
                print!("{}", line(&finding.cells()));
                report.findings.push(finding);
                counted.push(row);
            }
            Err(error) => report.failed.push(format!("{}: {error}", row.what)),
        }
    }
}

fn count_row(counts: &mut Counts<'_>, row: &'static Row) -> Outcome<RowCosts> {
    let mut count = |server| counts.per_request(row.metric, server, row.load, row.requests);
    Ok(RowCosts {
        row,
        ours: count(row.ours)?,
        floor: row.floor.map(&mut count).transpose()?,
        peer: row.peer.map(&mut count).transpose()?,
    })
}

fn side_by_side(counts: &mut Counts<'_>, report: &mut Report) {
    for (what, server) in SIDE_BY_SIDE {
        match counts_of_call(counts, *server) {
            Ok([instructions, allocations, system_calls]) => {
                let row = [(*what).to_owned(), instructions, allocations, system_calls];
                print!("{}", line(&row));
                report.side_by_side.push(row);
            }
            Err(error) => report.failed.push(format!("{what}: {error}")),
        }
    }
}

fn counts_of_call(counts: &mut Counts<'_>, server: Server) -> Outcome<[String; 3]> {
    let mut count = |metric| counts.per_request(metric, server, Load::Call, ADDED).map(short);
    Ok([count(Metric::Instructions)?, count(Metric::Allocations)?, count(Metric::SystemCalls)?])
}

/// Returns the manifests of the packages outside of the workspace.
pub(crate) fn manifests() -> Vec<String> {
    Package::ALL.into_iter().map(Package::manifest).collect()
}

/// Fails when a count is worse than that in `benches/figures.json`.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    tools::can_count()?;
    let known = Figures::read(workspace)?;
    build(workspace, &[Package::Mcp])?;
    let mut worse = Vec::new();
    println!("{:<34}{:<14}{:>12}{:>12}{:>9}", "each request", "", "figure", "known", "");
    for_each(workspace, |row, figure| {
        let change = known.of(row).map(|known| format!("{:+.1} %", (figure / known - 1.0) * 100.0));
        let known_figure = known.of(row).map_or_else(|| "–".to_owned(), |known| known.to_string());
        println!(
            "{:<34}{:<14}{figure:>12.0}{known_figure:>12}{:>9}",
            row.what,
            row.metric.name(),
            change.unwrap_or_default()
        );
        if !known.allow(row, figure) {
            worse.push(format!("{}: {figure:.0} {}, known are {known_figure}", row.what, row.metric.name()));
        }
    })?;
    if worse.is_empty() {
        return Ok(());
    }
    Err(format!(
        "more than 3 % worse than benches/figures.json, or not in it:\n{}\n{}If it is worth it, store the new figures with `cargo xtask bench --bless`",
        worse.join("\n"),
        remark(&known.rustc, &figures::rustc()?)
    ))
}

/// Returns a remark if another compiler may be all that changed.
fn remark(known: &str, here: &str) -> String {
    if known == here { String::new() } else { format!("They are of another compiler: {known}; this is {here}\n") }
}

/// Measures many clients at once, and replaces that section of `docs/performance.md`.
pub(crate) fn crowd(workspace: &Workspace) -> Outcome {
    tools::can_crowd()?;
    let mut report = Report::begin(workspace);
    build(workspace, &Package::ALL)?;
    report.crowd = measured(workspace, "many clients", crowd::measure, &mut report.failed);
    if !report.failed.is_empty() {
        return Err(report.failed.join("\n"));
    }
    report.replace_crowd(workspace)
}

/// Measures and prints findings. A failure becomes a part of the report.
fn measured(workspace: &Workspace, name: &str, measure: Measure, failed: &mut Vec<String>) -> Vec<Finding> {
    let findings = measure(workspace).unwrap_or_else(|error| {
        failed.push(format!("{name}: {error}"));
        Vec::new()
    });
    findings.iter().for_each(|finding| print!("{}", line(&finding.cells())));
    findings
}

/// Stores the figures that [`quick`] compares with.
pub(crate) fn bless(workspace: &Workspace) -> Outcome {
    tools::can_count()?;
    build(workspace, &[Package::Mcp])?;
    let mut figures = Figures::new()?;
    for_each(workspace, |row, figure| {
        println!("{:<34}{:<14}{figure:>12.0}", row.what, row.metric.name());
        figures.insert(row, figure);
    })?;
    figures.write(workspace)
}

/// Counts each row for this framework alone, independent of the machine's load.
fn for_each(workspace: &Workspace, mut report: impl FnMut(&Row, f64)) -> Outcome {
    let mut counts = Counts::new(workspace);
    for row in ROWS.iter().filter(|row| row.metric != Metric::SystemCalls) {
        report(row, counts.per_request(row.metric, row.ours, row.load, row.requests)?);
    }
    Ok(())
}

fn build(workspace: &Workspace, packages: &[Package]) -> Outcome {
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    packages.iter().try_for_each(|package| package.build(workspace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_another_compiler_are_called_that() {
        assert_eq!(remark("rustc 1.95.0", "rustc 1.95.0"), "");
        assert_eq!(
            remark("rustc 1.95.0", "rustc 1.96.0"),
            "They are of another compiler: rustc 1.95.0; this is rustc 1.96.0\n"
        );
    }
}
