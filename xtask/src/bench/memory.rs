//! The memory of a server: idle, and with many clients that listen for changes.

use std::fs;
use std::process::Command;

use super::client::Client;
use super::finding::{Finding, short};
use super::load::Load;
use super::servers::{CACHED, CHECKED, SERVE, Server, Threads};
use crate::server::Server as Running;
use crate::workspace::{Outcome, Workspace, run};

const STREAMS: usize = 10_000;
/// The open files that this process and the server need: each has one end of every stream.
pub(super) const FILES: usize = STREAMS + 500;
/// Limits the memory per stream, in KiB.
const MOST_PER_STREAM: f64 = 12.0;
const MOST_IDLE: f64 = 1.15;

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let [ours, by_hand, peer] = [idle(workspace, SERVE)?, idle(workspace, CHECKED)?, idle(workspace, CACHED)?];
    let mib = |kib: f64| format!("{:.1} MiB", kib / 1024.0);
    let each = per_stream(workspace)?;
    Ok(vec![
        Finding {
            what: "memory, idle after one request".to_owned(),
            goal: format!("≤ {} ({MOST_IDLE} × by hand)", mib(MOST_IDLE * by_hand)),
            measured: mib(ours),
            by_hand: mib(by_hand),
            peer: mib(peer),
            met: Some(ours <= MOST_IDLE * by_hand),
            reason: Some(
                "The program is 1 MB larger, and all of its text is resident, used or not, as is that of the one by hand \
                 (seen with Linux 6.18).",
            ),
        },
        Finding {
            what: format!("memory, each of {} idle `subscriptions/listen` streams", short(STREAMS as f64)),
            goal: format!("≤ {MOST_PER_STREAM:.0} KiB"),
            measured: format!("{each:.1} KiB"),
            by_hand: String::new(),
            peer: String::new(),
            met: Some(each <= MOST_PER_STREAM),
            reason: None,
        },
    ])
}

/// Measures the memory after one request, in KiB, so that lazy values are included.
fn idle(workspace: &Workspace, server: Server) -> Outcome<f64> {
    let running = server.start(workspace, Threads::AllProcessors)?;
    Client::connect(running.address)?.repeat(Load::Call, &Load::Call.requests(running.address, &[])?, 1)?;
    resident(&running)
}

/// Measures the memory per stream, in KiB.
fn per_stream(workspace: &Workspace) -> Outcome<f64> {
    let files = format!("--nofile={FILES}:");
    run(Command::new("prlimit").arg(format!("--pid={}", std::process::id())).arg(files))?;
    let running = SERVE.start(workspace, Threads::AllProcessors)?;
    let requests = Load::Listen.requests(running.address, &[])?;
    let mut clients = Vec::new();
    let mut listen = || {
        let mut client = Client::connect(running.address)?;
        for request in &requests {
            Load::Listen.check(&client.open(request)?)?;
        }
        clients.push(client);
        Ok::<_, String>(())
    };
    // What is made for the first one is there for all.
    listen()?;
    let before = resident(&running)?;
    for _ in 1..STREAMS {
        listen()?;
    }
    Ok((resident(&running)? - before) / (STREAMS - 1) as f64)
}

/// Reads the resident memory of a server, in KiB.
fn resident(server: &Running) -> Outcome<f64> {
    let path = format!("/proc/{}/status", server.pid());
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    size.ok_or_else(|| format!("{path} has no VmRSS"))
}
