//! Counts per request, which do not depend on the machine's load or speed.
//!
//! Not the same on every machine, though: another compiler or another libc is another program, and libc chooses its
//! routines by what the processor can do.
//!
//! A server is run twice under a tool that counts, with different numbers of requests over one connection. What the
//! start, the connection and the end cost is in both, and goes away with the difference.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::client::Client;
use super::load::Load;
use super::servers::{SIGNATURE, Server, Threads, file, log, logged_tokens};
use crate::server::{Server as Running, free_address};
use crate::workspace::{Outcome, Workspace, output};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Metric {
    /// Instructions, counted by `valgrind --tool=callgrind`.
    Instructions,
    /// Blocks of heap memory, counted by `valgrind --tool=dhat`.
    Allocations,
    /// System calls, counted by `strace -f -c`.
    SystemCalls,
}

/// Limits the time a tool takes to write its counts after the program ended.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// A subject of a count, with its number of requests.
type Subject = (Metric, Server, Load, usize);

/// The counts of a run, each counted once so that tables agree.
pub(crate) struct Counts<'a> {
    workspace: &'a Workspace,
    known: Vec<(Subject, f64)>,
}

impl<'a> Counts<'a> {
    pub(crate) fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, known: Vec::new() }
    }

    /// Returns the cost of one of `requests` requests.
    pub(crate) fn per_request(&mut self, metric: Metric, server: Server, load: Load, requests: usize) -> Outcome<f64> {
        let what = (metric, server, load, requests);
        if let Some((_, count)) = self.known.iter().find(|(known, _)| *known == what) {
            return Ok(*count);
        }
        let fewer = requests / 10;
        let total = |times| {
            total(self.workspace, metric, server, load, times, fewer + requests)
                .map_err(|error| format!("{}: {error}", server.name()))
        };
        let count = (total(fewer + requests)? - total(fewer)?) / requests as f64;
        self.known.push((what, count));
        Ok(count)
    }
}

/// Counts a whole run. Each run makes the same number of tokens, so that their cost cancels out.
fn total(
    workspace: &Workspace,
    metric: Metric,
    server: Server,
    load: Load,
    times: usize,
    tokens: usize,
) -> Outcome<f64> {
    let counts = file(workspace, "counts.txt");
    let _ = fs::remove_file(&counts);
    let address = free_address()?;
    let mut command = metric.command(&server.path(workspace), &counts);
    command.env("TOKENS", tokens.to_string()).env("SIGNATURES", times.to_string());
    server.configure(&mut command, address.port(), Threads::One);
    if server == SIGNATURE {
        output(&mut command)?;
        return metric.total(&counts);
    }
    let running = Running::start(&mut command, address, &log(workspace))?;
    Client::connect(address)?.repeat(load, &load.requests(address, &logged_tokens(workspace)?)?, times)?;
    running.terminate()?;
    metric.total(&counts)
}

impl Metric {
    /// Returns the command that runs the program under the tool, which writes to the file `counts`.
    fn command(self, program: &Path, counts: &Path) -> Command {
        let counts = counts.display();
        let (tool, arguments) = match self {
            Self::Instructions => ("valgrind", vec!["--tool=callgrind", "--callgrind-out-file=/dev/null"]),
            Self::Allocations => ("valgrind", vec!["--tool=dhat", "--dhat-out-file=/dev/null"]),
            // Beside the program, not above it, so that it is the program that is asked to end.
            Self::SystemCalls => ("strace", vec!["-D", "-f", "-c"]),
        };
        let mut command = Command::new(tool);
        match self {
            Self::SystemCalls => command.args(arguments).arg("-o").arg(counts.to_string()),
            _ => command.args(arguments).arg(format!("--log-file={counts}")),
        };
        command.arg(program);
        command
    }

    /// Reads the number that the tool wrote at its end.
    fn total(self, counts: &Path) -> Outcome<f64> {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(counts).unwrap_or_default();
            if let Some(total) = text.lines().find_map(|line| self.number(line)) {
                return Ok(total);
            }
            if start.elapsed() > TOTAL_TIMEOUT {
                return Err(format!("there is no total of {self:?} in {}", counts.display()));
            }
            sleep(Duration::from_millis(20));
        }
    }

    fn number(self, line: &str) -> Option<f64> {
        let number = match self {
            // ==1== Collected : 42
            Self::Instructions => line.split_once("Collected : ")?.1.to_owned(),
            // ==1== Total:     1,234 bytes in 42 blocks
            Self::Allocations => line.split_once("Total:")?.1.split_once(" in ")?.1.split_once(" blocks")?.0.to_owned(),
            // 100.00    0.001 12 42 3 total
            Self::SystemCalls => line.strip_suffix(" total")?.split_whitespace().nth(3)?.to_owned(),
        };
        number.replace(',', "").trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_found_in_what_the_tools_write() {
        for (metric, line, expected) in [
            (Metric::Instructions, "==7== Collected : 64849", Some(64_849.0)),
            (Metric::Instructions, "==7== Events    : Ir", None),
            (Metric::Allocations, "==7== Total:     10,224 bytes in 1,042 blocks", Some(1042.0)),
            (Metric::Allocations, "==7== At t-gmax: 9,000 bytes in 40 blocks", None),
            (Metric::SystemCalls, "100.00    0.005120           4      1205        12 total", Some(1205.0)),
            (Metric::SystemCalls, " 50.00    0.002560           4       600           sendto", None),
        ] {
            assert_eq!(metric.number(line), expected, "{line}");
        }
    }
}
