//! The memory of an idle server.

use std::fs;

use super::client::Client;
use super::finding::Finding;
use super::load::Load;
use super::servers::{CACHED, CHECKED, SERVE, Server, Threads};
use crate::server::Server as Running;
use crate::workspace::{Outcome, Workspace};

const MOST_IDLE: f64 = 1.15;

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let [ours, by_hand, peer] = [idle(workspace, SERVE)?, idle(workspace, CHECKED)?, idle(workspace, CACHED)?];
    let mib = |kib: f64| format!("{:.1} MiB", kib / 1024.0);
    Ok(vec![Finding {
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
    }])
}

/// Measures the memory after one request, in KiB, so that lazy values are included.
fn idle(workspace: &Workspace, server: Server) -> Outcome<f64> {
    let running = server.start(workspace, Threads::AllProcessors)?;
    Client::connect(running.address)?.repeat(Load::Call, &Load::Call.requests(running.address, &[])?, 1)?;
    resident(&running)
}

/// Reads the resident memory of a server, in KiB.
pub(super) fn resident(server: &Running) -> Outcome<f64> {
    let path = format!("/proc/{}/status", server.pid());
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    size.ok_or_else(|| format!("{path} has no VmRSS"))
}
