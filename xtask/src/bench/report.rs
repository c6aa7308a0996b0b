//! `docs/performance.md`, written from what was measured.

use std::fs;
use std::process::Command;

use super::finding::{Finding, line};
use super::servers::Package;
use crate::workspace::{Outcome, Workspace};

/// Crates whose versions matter, beside all that is pinned in the lock files.
const CRATES: [&str; 7] = ["axum", "hyper", "ring", "rmcp", "schemars", "serde_json", "tokio"];

/// What the call costs on other servers, which are not measured here any more.
const QUOTED: [[&str; 4]; 2] = [
    ["rust-mcp-sdk 2.0, from an earlier measurement", "211 k", "278", ""],
    ["pmcp 2.23, from an earlier measurement", "314 k", "461", ""],
];

const INTRODUCTION: &str = "\
# Performance

Written by `cargo xtask bench`, which builds the servers of [`benches/`](../benches/README.md) and measures them side by
side in one run. Everything is a release build with thin LTO and one codegen unit.

\"By hand\" is a server on axum with the checks that the specification asks for, written as a careful engineer would, and
another one only where the row says so. \"rmcp\" is the crate with its router cached by hand, stateless and with JSON
answers, behind the same bearer token; in the rows about calls with so many tools, it is as its macros write it. By hand, the
metadata document is a static route of axum, and what is compared with new JWTs is the check of their signature alone.

- **Instructions** of one request are the same on a busy machine: `valgrind --tool=callgrind` on one thread, two runs with
  different numbers of requests over one connection, the difference divided. Allocations (`valgrind --tool=dhat`, blocks) and
  system calls (`strace -f -c`) are counted in the same way. valgrind counts the copying of long texts by the byte.
- **Throughput and latency** are those of `wrk` on the same machine, in turns (A B A B …): the median of
  their ratios within each turn.
- **Processor time** is what the only thread of a server took (`/proc/PID/schedstat`), in turns, with its client on the same
  processor: the median of the ratios within each turn. Goals about JWTs are in it: valgrind lacks the instructions that make
  cryptography fast.
- **Memory** is the resident set (`VmRSS`). **Times** are medians.
- A request is `tools/call add {a, b}` of 2026-07-28 unless the row says otherwise, authenticated, and every answer is
  looked at.
";

pub(crate) fn write(workspace: &Workspace, findings: &[Finding], side_by_side: &[[String; 4]]) -> Outcome {
    let mut text = format!("{INTRODUCTION}\n## Goals\n\n");
    text += &table(&Finding::HEAD, findings.iter().map(|finding| line(&finding.cells())));
    text += "\n## The same call on each server\n\n";
    text += &table(
        &["server", "instructions", "allocations", "system calls"],
        side_by_side.iter().map(|row| line(row)).chain(QUOTED.iter().map(|row| line(row))),
    );
    text += "\n## Versions\n\n";
    for (what, version) in versions(workspace)? {
        text += &format!("- {what}: {version}\n");
    }
    let path = workspace.root.join("docs/performance.md");
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn table(head: &[&str], rows: impl Iterator<Item = String>) -> String {
    line(head) + &line(&vec!["---"; head.len()]) + &rows.collect::<String>()
}

fn versions(workspace: &Workspace) -> Outcome<Vec<(String, String)>> {
    let mut versions = Vec::new();
    for (program, argument) in
        [("rustc", "--version"), ("valgrind", "--version"), ("strace", "--version"), ("wrk", "-v")]
    {
        // `wrk` says its version and fails.
        let output = Command::new(program).arg(argument).output().map_err(|error| format!("{program}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        versions.push((program.to_owned(), said.lines().next().unwrap_or_default().trim().to_owned()));
    }
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    versions.push(("processors".to_owned(), format!("{count} × {}", model.map_or("unknown", |(_, model)| model))));
    for package in Package::ALL {
        let path = package.lock(workspace);
        let lock = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        versions.push((package.manifest(), pinned(&lock).join(", ")));
    }
    Ok(versions)
}

/// The versions of [`CRATES`] in a lock file.
fn pinned(lock: &str) -> Vec<String> {
    let packages = lock.split("[[package]]").filter_map(|package| {
        let value = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""))?;
            line.strip_suffix('"')
        };
        Some((value("name")?, value("version")?))
    });
    packages.filter(|(name, _)| CRATES.contains(name)).map(|(name, version)| format!("{name} {version}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\ndependencies = [\n \"hyper\",\n]\n\n\
                    [[package]]\nname = \"axum-core\"\nversion = \"0.5.6\"\n\n[[package]]\nname = \"tokio\"\nversion = \"1.54.0\"\n";
        assert_eq!(pinned(lock), ["axum 0.8.9", "tokio 1.54.0"]);
    }
}
