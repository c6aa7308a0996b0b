//! One client and what came of its checks.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::workspace::Outcome;

/// What every client does, in the order of the table's columns. Without HTTP there is nothing to refuse.
pub(super) const CHECKS: [&str; 7] = ["list", "call", "write", "argument", "no-token", "wrong-token", "scope"];

const CHECKS_OVER_STDIO: usize = 4;

/// For all checks together; the programs have their own, shorter limits for each.
const TIMEOUT: Duration = Duration::from_secs(120);

pub(super) struct Client {
    pub(super) name: &'static str,
    /// The program and its first arguments.
    pub(super) program: Vec<PathBuf>,
    /// How the client speaks to the server, in words of the program.
    pub(super) mode: &'static str,
    pub(super) transport: Transport,
}

#[derive(Clone, Copy)]
pub(super) enum Transport {
    Http,
    Stdio,
}

/// A field of the table.
pub(super) enum Cell {
    Passed,
    Failed(String),
    /// The transport has no such case.
    Absent,
}

impl Client {
    /// Goes through all checks with `server`, which is a URL or a command. What the client logs is kept in `logs`.
    pub(super) fn run(&self, server: &str, logs: &Path) -> Outcome<[Cell; CHECKS.len()]> {
        let output = logs.join(format!("{}.out", self.name));
        let transport = match self.transport {
            Transport::Http => "http",
            Transport::Stdio => "stdio",
        };
        let [program, first @ ..] = self.program.as_slice() else {
            return Err(format!("{}: no program", self.name));
        };
        let child = Command::new(program)
            .args(first)
            .args([self.mode, transport, server])
            .stdin(Stdio::null())
            .stdout(create(&output)?)
            .stderr(create(&logs.join(format!("{}.log", self.name)))?)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.name))?;
        let end = match wait(child) {
            Some(status) if status.success() => "the client didn't get to it".to_owned(),
            Some(status) => format!("the client ended with {status}"),
            None => format!("the client was stopped after {} s", TIMEOUT.as_secs()),
        };
        let output = fs::read_to_string(&output).map_err(|error| format!("{}: {error}", output.display()))?;
        Ok(CHECKS.map(|check| self.cell(check, &output, &end)))
    }

    fn cell(&self, check: &str, output: &str, end: &str) -> Cell {
        let failed = format!("failed {check}: ");
        if matches!(self.transport, Transport::Stdio) && !CHECKS[..CHECKS_OVER_STDIO].contains(&check) {
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

/// How the child ended; `None` if it had to be stopped.
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
