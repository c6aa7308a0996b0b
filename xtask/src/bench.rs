//! `cargo xtask bench`: what this framework costs, side by side with servers written by hand and on rmcp.
//!
//! `--quick` counts only what a request to this framework costs, and compares it with the figures in the repository.

mod client;
mod compile;
mod counted;
mod figures;
mod finding;
mod load;
mod memory;
mod processor;
mod report;
mod rows;
mod servers;
mod start;
mod streams;
mod throughput;

use std::fs;

use crate::workspace::{Outcome, Workspace};
use counted::{Metric, per_request};
use figures::Figures;
use finding::{Counted, Finding, line, short};
use load::Load;
use rows::{ROWS, SIDE_BY_SIDE};
use servers::{Package, Server};

type Measure = fn(&Workspace) -> Outcome<Vec<Finding>>;

/// What is measured and not counted.
const PARTS: &[Measure] =
    &[processor::measure, streams::measure, throughput::measure, memory::measure, start::measure, compile::measure];

/// Everything, into `docs/performance.md`. Fails when the goal of a count is missed; the others are at the mercy of the
/// machine.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    build(workspace, &Package::ALL)?;
    print!("{}", line(&Finding::HEAD));
    let counted = count(workspace)?;
    let side_by_side = side_by_side(workspace)?;
    let mut findings: Vec<Finding> = counted.iter().map(|row| row.finding(&counted)).collect();
    let missed = findings.iter().filter(|finding| finding.met == Some(false)).map(|finding| finding.what.clone());
    let missed: Vec<String> = missed.collect();
    for measure in PARTS {
        let part = measure(workspace)?;
        part.iter().for_each(|finding| print!("{}", line(&finding.cells())));
        findings.extend(part);
    }
    report::write(workspace, &findings, &side_by_side)?;
    if missed.is_empty() { Ok(()) } else { Err(format!("missed:\n{}", missed.join("\n"))) }
}

fn count(workspace: &Workspace) -> Outcome<Vec<Counted>> {
    let mut counted: Vec<Counted> = Vec::new();
    for row in ROWS {
        let count = |server: Server| per_request(workspace, row.metric, server, row.load, row.requests);
        let ours = count(row.ours)?;
        let (floor, peer) = (row.floor.map(count).transpose()?, row.peer.map(count).transpose()?);
        counted.push(Counted { row, ours, floor, peer });
        if let Some(last) = counted.last() {
            print!("{}", line(&last.finding(&counted).cells()));
        }
    }
    Ok(counted)
}

fn side_by_side(workspace: &Workspace) -> Outcome<Vec<[String; 4]>> {
    let row = |(what, server): &(&str, Server)| {
        let count = |metric| per_request(workspace, metric, *server, Load::Call, 200).map(short);
        let counts = [count(Metric::Instructions)?, count(Metric::Allocations)?, count(Metric::SystemCalls)?];
        let [instructions, allocations, system_calls] = counts;
        let row = [(*what).to_owned(), instructions, allocations, system_calls];
        print!("{}", line(&row));
        Ok(row)
    };
    SIDE_BY_SIDE.iter().map(row).collect()
}

/// The packages that are not part of the workspace.
pub(crate) fn manifests() -> Vec<String> {
    Package::ALL.into_iter().map(Package::manifest).collect()
}

/// A guard against regressions: fails when a figure is worse than that in `benches/figures.json`.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
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
        "more than 3 % worse than benches/figures.json:\n{}\nIf it is worth it, store the new figures with `cargo xtask bench --bless`",
        worse.join("\n")
    ))
}

/// Stores the figures that [`quick`] compares with.
pub(crate) fn bless(workspace: &Workspace) -> Outcome {
    build(workspace, &[Package::Mcp])?;
    let mut figures = Figures::default();
    for_each(workspace, |row, figure| {
        println!("{:<34}{:<14}{figure:>12.0}", row.what, row.metric.name());
        figures.insert(row, figure);
    })?;
    figures.write(workspace)
}

/// Counts what does not depend on how busy the machine is, for this framework alone.
fn for_each(workspace: &Workspace, mut report: impl FnMut(&rows::Row, f64)) -> Outcome {
    for row in ROWS.iter().filter(|row| row.metric != Metric::SystemCalls) {
        report(row, per_request(workspace, row.metric, row.ours, row.load, row.requests)?);
    }
    Ok(())
}

fn build(workspace: &Workspace, packages: &[Package]) -> Outcome {
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    packages.iter().try_for_each(|package| package.build(workspace))
}
