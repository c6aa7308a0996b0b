//! Many connections at once, by `wrk`, which takes half of the same machine from each server alike.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::finding::{Finding, median, short};
use super::load::Load;
use super::servers::{AXUM, CACHED, CHECKED, SERVE, Server, Threads, file};
use crate::server::Server as Running;
use crate::workspace::{Outcome, Workspace, output};

/// The options of `wrk`: one thread with 256 connections, for a second.
pub(super) const WRK: [&str; 3] = ["-t1", "-c256", "-d1s"];
/// The number of rounds: many short ones, because the machine's speed varies from second to second.
pub(super) const ROUNDS: usize = 25;

/// The output of one run of `wrk`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    requests_per_second: f64,
    /// The 99th percentile of the latency, in milliseconds.
    p99: f64,
}

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let script = file(workspace, "wrk.lua");
    let servers = [SERVE, CHECKED, AXUM, CACHED];
    let start = |server: Server| server.start(workspace, Threads::AllProcessors);
    let running = servers.into_iter().map(start).collect::<Outcome<Vec<Running>>>()?;
    let mut samples = vec![Vec::new(); servers.len()];
    // In turns, so that whatever else the machine does is done to each.
    for _ in 0..ROUNDS {
        for (server, samples) in running.iter().zip(&mut samples) {
            samples.push(sample(server.address, &script)?);
        }
    }
    let [ours, checked, unchecked, peer] = &samples[..] else { return Err("a server is missing".to_owned()) };
    let finding =
        |what: &str, figure: fn(&Sample) -> f64, goal: f64, show: fn(f64) -> String, is_met: fn(f64, f64) -> bool| {
            let show = |samples: &[Sample]| show(median(samples.iter().map(figure).collect()));
            // Within a round, where the machine is the same for both.
            let ratio =
                median(ours.iter().zip(checked).map(|(ours, checked)| figure(ours) / figure(checked)).collect());
            Finding {
                what: format!("256 connections, all processors: {what}"),
                goal: format!("{} {goal} × by hand", if goal < 1.0 { "≥" } else { "≤" }),
                measured: format!("{} ({ratio:.2} ×)", show(ours)),
                by_hand: format!("{} (without checks {})", show(checked), show(unchecked)),
                peer: show(peer),
                met: Some(is_met(ratio, goal)),
                reason: None,
            }
        };
    Ok(vec![
        finding("requests per second", |sample| sample.requests_per_second, 0.95, short, |ratio, goal| ratio >= goal),
        finding("99th percentile", |sample| sample.p99, 1.2, |ms| format!("{ms:.1} ms"), |ratio, goal| ratio <= goal),
    ])
}

fn sample(address: SocketAddr, script: &Path) -> Outcome<Sample> {
    let mut lua = format!("wrk.method = \"POST\"\nwrk.body = [==[{}]==]\n", Load::Call.body());
    for (name, value) in Load::Call.good_headers(address) {
        lua += &format!("wrk.headers[\"{name}\"] = \"{value}\"\n");
    }
    fs::write(script, lua).map_err(|error| format!("{}: {error}", script.display()))?;
    let mut wrk = Command::new("wrk");
    wrk.args(WRK).args(["--latency", "-s"]).arg(script).arg(format!("http://{address}/mcp"));
    let said = output(&mut wrk)?;
    read(&said).ok_or_else(|| format!("wrk has no figures, or errors among the answers:\n{said}"))
}

fn read(said: &str) -> Option<Sample> {
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return None;
    }
    let value = |name: &str| said.lines().find_map(|line| Some(line.trim().strip_prefix(name)?.trim()));
    Some(Sample { requests_per_second: value("Requests/sec:")?.parse().ok()?, p99: milliseconds(value("99%")?)? })
}

/// Reads a duration as `wrk` writes it: `730.00us`, `1.20ms`, `1.05s`.
fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1000.0)];
    units.into_iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_errors_are_not_fast_answers() {
        let said = "  Latency Distribution\n     50%    1.20ms\n     99%  730.00us\n  9 requests in 1.00s, 1KB read\n\
                    Requests/sec:  61234.50\n";
        assert_eq!(read(said), Some(Sample { requests_per_second: 61_234.5, p99: 0.73 }));
        assert_eq!(read(&format!("{said}  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(milliseconds("1.05s"), Some(1050.0));
    }
}
