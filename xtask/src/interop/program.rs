//! A program and the outcomes of its checks.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::workspace::Outcome;

/// Limits all checks together. The programs have shorter timeouts for each.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A program that prints `ok CHECK` or `failed CHECK: WHY` for each check.
pub(super) struct Program {
    pub(super) name: &'static str,
    /// The program and its arguments.
    pub(super) command: Vec<OsString>,
    /// The checks of its table without a case.
    pub(super) absent: &'static [&'static str],
}

/// A field of a table.
pub(super) enum Cell {
    Passed,
    Failed(String),
    /// A check without a case.
    Absent,
}

impl Cell {
    pub(super) fn mark(&self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed(_) => '✗',
            Self::Absent => '–',
        }
    }
}

impl Program {
    /// Runs the checks and returns a cell for each of `columns`. The program's log is written to `logs`.
    pub(super) fn run(&self, columns: &[&str], logs: &Path) -> Outcome<Vec<Cell>> {
        println!("{}", self.name);
        let output = logs.join(format!("{}.out", self.name));
        let [program, arguments @ ..] = self.command.as_slice() else {
            return Err(format!("{}: no program", self.name));
        };
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(create(&output)?)
            .stderr(create(&logs.join(format!("{}.log", self.name)))?)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.name))?;
        let end = match wait(child) {
            Some(status) if status.success() => "the program didn't get to it".to_owned(),
            Some(status) => format!("the program ended with {status}"),
            None => format!("the program was stopped after {} s", TIMEOUT.as_secs()),
        };
        let output = fs::read_to_string(&output).map_err(|error| format!("{}: {error}", output.display()))?;
        Ok(columns.iter().map(|check| self.cell(check, &output, &end)).collect())
    }

    fn cell(&self, check: &str, output: &str, end: &str) -> Cell {
        let failed = format!("failed {check}: ");
        if self.absent.contains(&check) {
            Cell::Absent
        } else if output.lines().any(|line| line.strip_prefix("ok ") == Some(check)) {
            Cell::Passed
        } else {
            let why = output.lines().find_map(|line| line.strip_prefix(&failed));
            Cell::Failed(why.unwrap_or(end).to_owned())
        }
    }
}

fn create(path: &Path) -> Outcome<File> {
    File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Waits for the child's end; `None` if it had to be stopped.
fn wait(mut child: Child) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        sleep(Duration::from_millis(20));
    }
    // It may have ended in the meantime.
    let _ = child.kill();
    let _ = child.wait();
    None
}
