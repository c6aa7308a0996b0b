//! The conformance suite and its runs.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::checks::{self, Finding};
use crate::workspace::Outcome;

const PROGRAM: &str = "node_modules/@modelcontextprotocol/conformance/dist/index.js";

/// One run of the suite.
pub(super) struct Run {
    pub(super) flags: &'static [&'static str],
    /// The least number of successful checks, so that none can vanish unnoticed.
    pub(super) successes: usize,
}

/// The runs of `ci`.
///
/// Without a version, the suite takes the one that introduced a scenario. With one, it omits the extensions.
pub(super) const RUNS: &[Run] = &[
    Run { flags: &["--suite", "all"], successes: 234 },
    Run { flags: &["--suite", "all", "--spec-version", "2025-03-26"], successes: 3 },
    Run { flags: &["--suite", "all", "--spec-version", "2025-06-18"], successes: 56 },
    Run { flags: &["--suite", "all", "--spec-version", "2025-11-25"], successes: 84 },
    Run { flags: &["--suite", "all", "--spec-version", "2026-07-28"], successes: 153 },
    Run { flags: &["--requirements", "2025-11-25"], successes: 84 },
    Run { flags: &["--requirements", "2026-07-28"], successes: 197 },
];

/// The installed suite.
pub(super) struct Suite {
    pub(super) node: PathBuf,
    pub(super) folder: PathBuf,
}

impl Suite {
    /// Runs the suite and returns its checks. The files with the details stay in `output`.
    pub(super) fn run(&self, run: &Run, url: &str, output: &Path) -> Outcome<Vec<Finding>> {
        let results = output.join("checks");
        let log = output.join("suite.log");
        let create = || File::create(&log).map_err(|error| format!("{}: {error}", log.display()));
        let status = Command::new(&self.node)
            .arg(self.folder.join(PROGRAM))
            .args(["server", "--url", url, "--output-dir"])
            .arg(&results)
            .args(run.flags)
            .stdin(Stdio::null())
            .stdout(create()?)
            .stderr(Stdio::inherit())
            .status()
            .map_err(|error| format!("{}: {error}", self.node.display()))?;
        let findings = checks::read(&results)?;
        // It counts failures as one, too, which are reported with all others.
        if !status.success() && findings.iter().all(Finding::is_expected) {
            return Err(format!("the conformance suite ended with {status}; see {}", log.display()));
        }
        Ok(findings)
    }
}
