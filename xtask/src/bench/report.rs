//! `docs/performance.md`, written from the measurements.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::finding::{Finding, line};
use super::servers::Package;
use super::throughput::{ROUNDS, WRK};
use crate::workspace::{Outcome, Workspace};

/// The crates whose versions are reported.
const CRATES: [&str; 7] = ["axum", "hyper", "ring", "rmcp", "schemars", "serde_json", "tokio"];

const PAGE: &str = "docs/performance.md";

/// The title of the section about many clients.
const CROWD: &str = "Many clients at once";

pub(crate) struct Report {
    /// The names and versions of the tools and crates.
    versions: Vec<(String, String)>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) side_by_side: Vec<[String; 4]>,
    /// The findings about many clients at once.
    pub(crate) crowd: Vec<Finding>,
    /// The measurements that failed, with the reason.
    pub(crate) failed: Vec<String>,
}

impl Report {
    /// Begins a report without findings, before anything is built, because the source may change meanwhile.
    pub(crate) fn begin(workspace: &Workspace) -> Self {
        Self {
            versions: versions(workspace),
            findings: Vec::new(),
            side_by_side: Vec::new(),
            crowd: Vec::new(),
            failed: Vec::new(),
        }
    }

    pub(crate) fn write(&self, workspace: &Workspace) -> Outcome {
        // What failed may name files, whose folders are nobody's business.
        let text = self.text().replace(&workspace.target.display().to_string(), "target");
        write(workspace, &text.replace(&workspace.root.display().to_string(), "."))
    }

    /// Replaces the section about many clients, and leaves the rest of the page.
    pub(crate) fn replace_crowd(&self, workspace: &Workspace) -> Outcome {
        let page = fs::read_to_string(path(workspace)).map_err(|error| format!("{PAGE}: {error}"))?;
        let page = with_section(&page, CROWD, &self.crowd());
        write(workspace, &page.ok_or_else(|| format!("{PAGE} has no sections"))?)
    }

    fn text(&self) -> String {
        let mut text = introduction();
        text += &section(
            "Not measured",
            self.failed.iter().map(|failure| format!("- {}\n", failure.replace('\n', " "))).collect(),
        );
        text += &section("Goals", table(&Finding::HEAD, self.findings.iter().map(|finding| line(&finding.cells()))));
        text += &section("Goals that are not met", self.findings.iter().filter_map(missed).collect());
        text += &section(
            "The same call on each server",
            table(
                &["server", "instructions", "allocations", "system calls"],
                self.side_by_side.iter().map(|row| line(row)),
            ),
        );
        text += &self.crowd();
        text + &section(
            "Versions",
            self.versions.iter().map(|(what, version)| format!("- {what}: {version}\n")).collect(),
        )
    }
}

impl Report {
    /// Returns the section about many clients.
    fn crowd(&self) -> String {
        if self.crowd.is_empty() {
            return String::new();
        }
        let version = |name: &str| {
            let version = self.versions.iter().find(|(what, _)| what == name);
            version.map_or("unknown", |(_, version)| version)
        };
        let head = ["what", "goal", "`serve()`", "axum", "rmcp", "met"];
        let table = table(&head, self.crowd.iter().map(|finding| line(&finding.cells())));
        let missed: String = self.crowd.iter().filter_map(missed).collect();
        let (date, commit) = (version("date"), version("commit"));
        section(
            CROWD,
            format!("{INTRODUCTION_OF_CROWD}\nMeasured on {date}, at the commit {commit}.\n\n{table}{missed}"),
        )
    }
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join(PAGE)
}

fn write(workspace: &Workspace, text: &str) -> Outcome {
    fs::write(path(workspace), text).map_err(|error| format!("{PAGE}: {error}"))
}

/// Replaces a section with its title, or adds it before the last one.
fn with_section(page: &str, title: &str, section: &str) -> Option<String> {
    if let Some((before, rest)) = page.split_once(&format!("\n## {title}\n")) {
        let after = rest.find("\n## ").map_or("", |end| &rest[end..]);
        return Some(format!("{before}{section}{after}"));
    }
    let (before, last) = page.split_at(page.rfind("\n## ")?);
    Some(format!("{before}{section}{last}"))
}

const INTRODUCTION_OF_CROWD: &str = "\
Written by `cargo xtask bench --crowd` alone, or as a part of the whole. Each server has a thread per processor, and 1,000
connections: those of the first column are what the resident set (`VmRSS`) grows by, divided by their number. They come a
hundred at a time, with 1.5 s in between, after 50 others. \"axum\" is a server by hand on axum that checks the bearer token
alone. Of an unfinished head, a client sends 300 KB, unless the server ends the connection. The bodies come with a token.
A flood comes from as many threads on the same processors, each of which sends a request as soon as the last is refused.
";

fn introduction() -> String {
    format!(
        "\
# Performance

Written by `cargo xtask bench`, which builds the servers of [`benches/`](../benches/README.md) and measures them side by
side in one run. What runs is a release build with thin LTO and one codegen unit; the last rows are about compiling another
server, with `check` and as a debug build.

The command fails when something could not be measured, and when the goal of a count is missed: of instructions or
allocations. Whether the other goals are met depends on the machine as well, so a miss is only shown.

\"By hand\" is a server on axum with the checks that the specification asks for, written as a careful engineer would, and
another one only where the row says so. `serve()` is on hyper and saves what axum costs: the floor under it is the same
checks by hand on hyper, in the table of one call on each server. \"rmcp\" is the crate with its router cached by hand,
stateless and with JSON answers, behind the same bearer token. The rows about calls with so many tools are about servers with
nothing but those, here and on rmcp as its macros write it. By hand, the metadata document is a static route of axum, and
what is compared with new JWTs is the check of their signature alone.

- **Instructions** of one request are the same within 0.5 %, however busy the machine is: `valgrind --tool=callgrind` on
  one thread, two runs with different numbers of requests over one connection, the difference divided. They depend on the
  compiler, on libc and on the features of the processor, by which libc chooses its routines; see the versions below.
  Allocations (`valgrind --tool=dhat`, blocks) and system calls (`strace -f -c`) are counted in the same way. valgrind counts
  the copying of long texts by the byte.
- **Throughput and latency** are what `wrk {wrk}` says, which shares the processors with the server, in {ROUNDS} turns
  (A B A B …).
- **Processor time** is what the only thread of a server took (`/proc/PID/schedstat`), in turns, with its client on the same
  processor. Goals about JWTs are in it: valgrind lacks the instructions that make cryptography fast.
- **Ratios** (1.00 ×) of what is measured in turns are medians of the ratios within each turn. They stand beside the medians
  of all turns, and need not be the quotient of these.
- **Memory** is the resident set (`VmRSS`). Idle is after one request, so that what is made for the first one is there. The
  memory of each connection is in a section of its own.
- **Times** are medians, except those of the builds, which are done once.
- The goal of requests per second with progress notifications notices one thing alone: answers in pieces that stall for
  some 40 ms, by Nagle's algorithm and delayed ACKs.
- A request is `tools/call add {{a, b}}` of 2026-07-28 unless the row says otherwise, and authenticated. Status and content
  of every answer are checked; by wrk, the status alone.
",
        wrk = WRK.join(" ")
    )
}

/// Returns a section, or an empty text without content.
fn section(title: &str, text: String) -> String {
    if text.is_empty() { text } else { format!("\n## {title}\n\n{text}") }
}

fn missed(finding: &Finding) -> Option<String> {
    let Finding { what, goal, measured, reason, .. } = finding;
    let reason = reason.unwrap_or("Why is not known yet.");
    (finding.met == Some(false)).then(|| format!("- {what}: {measured}; the goal is {goal}. {reason}\n"))
}

fn table(head: &[&str], rows: impl Iterator<Item = String>) -> String {
    line(head) + &line(&vec!["---"; head.len()]) + &rows.collect::<String>()
}

/// Returns the versions that are known; an unknown one fails nothing.
fn versions(workspace: &Workspace) -> Vec<(String, String)> {
    let said = |command: &[&str]| first_line(workspace, command).unwrap_or_else(|| "unknown".to_owned());
    let mut versions = vec![
        ("date".to_owned(), said(&["date", "--utc", "+%F"])),
        (
            "commit".to_owned(),
            said(&["git", "describe", "--always", "--dirty=, changed", "--abbrev=12", "--exclude=*"]),
        ),
        ("rustc".to_owned(), said(&["rustc", "--version"])),
        ("libc".to_owned(), said(&["getconf", "GNU_LIBC_VERSION"])),
        ("valgrind".to_owned(), said(&["valgrind", "--version"])),
        ("strace".to_owned(), said(&["strace", "--version"])),
        ("wrk".to_owned(), said(&["wrk", "-v"])),
        ("processors".to_owned(), processors(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())),
    ];
    for package in Package::ALL {
        let lock = fs::read_to_string(package.lock(workspace)).unwrap_or_default();
        versions.push((package.manifest(), pinned(&lock).join(", ")));
    }
    versions
}

/// Returns the first line of a program's output, even if it fails as `wrk` does with its version.
fn first_line(workspace: &Workspace, command: &[&str]) -> Option<String> {
    let (program, arguments) = command.split_first()?;
    let output = Command::new(program).args(arguments).current_dir(&workspace.root).output().ok()?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    Some(line).filter(|line| !line.is_empty())
}

/// Returns the number and the model of the processors.
fn processors(cpuinfo: &str) -> String {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let value = |name: &str| {
        let mut fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.trim() == name).map_or("unknown", |(_, value)| value.trim())
    };
    format!("{count} × {}, family {}, model {}", value("model name"), value("cpu family"), value("model"))
}

/// Returns the versions of [`CRATES`] in a lock file.
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

    #[test]
    fn a_section_is_replaced_with_its_title_or_added() {
        let page = "# A\n\n## B\n\nold\n\n## C\n\nkept\n";
        for (page, title, section, expected) in [
            (page, "B", "\n## B\n\nnew\n", Some("# A\n\n## B\n\nnew\n\n## C\n\nkept\n")),
            (page, "C", "", Some("# A\n\n## B\n\nold\n")),
            (page, "D", "\n## D\n\nnew\n", Some("# A\n\n## B\n\nold\n\n## D\n\nnew\n\n## C\n\nkept\n")),
            ("# A\n", "B", "", None),
        ] {
            assert_eq!(with_section(page, title, section).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_processor_is_told_from_another_of_its_name() {
        let cpuinfo = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n";
        assert!(processors(cpuinfo).ends_with(" × AMD EPYC, family 25, model 17"), "{}", processors(cpuinfo));
    }

    #[test]
    fn only_goals_that_are_missed_have_a_reason_and_what_failed_is_named() {
        let finding = |what: &str, met| Finding {
            what: what.to_owned(),
            goal: "≤ 1 s".to_owned(),
            measured: "2 s".to_owned(),
            by_hand: String::new(),
            peer: String::new(),
            met,
            reason: Some("It is slow."),
        };
        let findings = vec![finding("met", Some(true)), finding("missed", Some(false)), finding("free", None)];
        let report = Report {
            versions: vec![],
            findings,
            side_by_side: vec![],
            crowd: vec![],
            failed: vec!["memory: gone".to_owned()],
        };
        let text = report.text();
        assert!(
            text.contains("\n## Goals that are not met\n\n- missed: 2 s; the goal is ≤ 1 s. It is slow.\n\n"),
            "{text}"
        );
        assert!(text.contains("\n## Not measured\n\n- memory: gone\n\n"), "{text}");
        let report = Report { versions: vec![], findings: vec![], side_by_side: vec![], crowd: vec![], failed: vec![] };
        let text = report.text();
        assert!(!text.contains("not met") && !text.contains("Not measured"), "{text}");
    }
}
