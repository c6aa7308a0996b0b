//! `cargo xtask attack`: one caller takes everything, and another one works beside it.
//!
//! Each attack has a fresh server with 1 GiB of address space. The server has to survive it, and each call of the other
//! caller has to succeed. At full size, each attack runs three times, and the calls beside it may not be much slower.

mod attacks;
pub(crate) mod http;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use self::attacks::{ATTACKS, Attack};
use self::http::{Caller, Size};
use crate::bench::finding::median;
use crate::server::{Server, free_address};
use crate::workspace::{Outcome, Workspace, run as run_program};

/// The address space of the server, in KiB.
const MEMORY_KIB: u32 = 1024 * 1024;

/// The number of calls of the other caller before an attack, and at least during it.
const CALLS: usize = 200;

/// The runs of an attack at full size, of which the median counts.
const RUNS: usize = 3;

/// Limits the 99th percentile of the calls beside an attack, in those of the same calls before it.
const MAX_SLOWER: f64 = 5.0;

/// Runs every attack at full size.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    run_all(workspace, Size::Full)
}

/// Runs every attack at a size for continuous integration.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    run_all(workspace, Size::Quick)
}

fn run_all(workspace: &Workspace, size: Size) -> Outcome {
    run_program(&mut workspace.cargo(&["build", "--release", "--example", "attacked"]))?;
    let program = workspace.target.join("release/examples/attacked");
    let folder = workspace.target.join("attack");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!(
        "attack                                 survived  idle p50/p99   attacked p50/p99    calls  memory, peak/after"
    );
    let mut failures = Vec::new();
    for attack in ATTACKS {
        let log = folder.join(format!("{}.log", attack.name.replace(' ', "-")));
        let (runs, limit) = match size {
            Size::Full => (RUNS, MAX_SLOWER),
            // The times of a few calls are for people.
            Size::Quick => (1, f64::INFINITY),
        };
        let mut ratios = Vec::new();
        for _ in 0..runs {
            match attacked(&program, &log, attack, size) {
                Ok(report) => {
                    println!("{:<38} {report}", attack.name);
                    failures.extend(report.failure().map(|failure| format!("{}: {failure}", attack.name)));
                    ratios.push(report.during.percentile(99) / report.idle.percentile(99));
                }
                Err(error) => failures.push(format!("{}: {error}", attack.name)),
            }
        }
        let slower = median(ratios);
        if slower > limit {
            failures.push(format!(
                "{}: the 99th percentile of the calls beside it is {slower:.1} times that before; the limit is {limit}",
                attack.name
            ));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The outcome of an attack.
struct Report {
    survived: bool,
    idle: Times,
    during: Times,
    refusals: Vec<String>,
    /// The resident memory of the server, in KiB.
    peak: u64,
    after: u64,
}

impl Report {
    fn failure(&self) -> Option<String> {
        match (self.survived, self.refusals.first()) {
            (false, _) => Some("the server has ended".to_owned()),
            (_, Some(refusal)) => {
                Some(format!("{} of the calls beside it failed, the first: {refusal}", self.refusals.len()))
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let survived = if self.survived { "yes" } else { "no" };
        let (calls, mib) = (self.during.0.len(), |kib: u64| kib / 1024);
        let (idle, during) = (self.idle.to_string(), self.during.to_string());
        write!(f, "{survived:<9} {idle:<14} {during:<19} {calls:>5}  {}/{} MiB", mib(self.peak), mib(self.after))
    }
}

/// The times of calls, sorted.
struct Times(Vec<Duration>);

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn percentile(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * percent / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2}/{:.2} ms", self.percentile(50), self.percentile(99))
    }
}

/// Attacks a server, and calls it meanwhile.
fn attacked(program: &Path, log: &Path, attack: &Attack, size: Size) -> Outcome<Report> {
    let address = free_address()?;
    let mut shell = Command::new("sh");
    let limited = format!("ulimit -v {MEMORY_KIB}; exec \"$0\"");
    // glibc reserves address space for the heaps of threads, by default as much as the limit.
    shell.args(["-c", &limited]).arg(program).env("PORT", address.port().to_string()).env("MALLOC_ARENA_MAX", "2");
    let server = Server::start(&mut shell, address, log)?;
    let (alice, mallory) = (Caller::new(address, "alice-token"), Caller::new(address, "mallory-token"));
    let (idle, _) = alice.calls(CALLS, || true);
    let is_over = AtomicBool::new(false);
    let (during, refusals) = thread::scope(|scope| {
        let attacker = scope.spawn(|| {
            let held = (attack.run)(&mallory, size);
            // The other caller makes some calls while everything is held.
            thread::sleep(Duration::from_millis(500));
            is_over.store(true, Ordering::Relaxed);
            held
        });
        let begin = Instant::now();
        let going_on = || !is_over.load(Ordering::Relaxed) && begin.elapsed() < Duration::from_secs(120);
        let (during, refusals) = alice.calls(CALLS, || !going_on());
        drop(attacker.join());
        (during, refusals)
    });
    let survived = alice.call().is_ok();
    // Some of it is released when a timeout ends.
    thread::sleep(Duration::from_millis(500));
    let (peak, after) = (memory(server.pid(), "VmHWM:"), memory(server.pid(), "VmRSS:"));
    Ok(Report { survived, idle: Times::of(idle), during: Times::of(during), refusals, peak, after })
}

/// Returns a figure of the memory of a process in KiB, or 0 if it has ended.
pub(crate) fn memory(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
