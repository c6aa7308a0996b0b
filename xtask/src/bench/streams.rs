//! The number of streamed answers that a connection gets in a second, one after the other.
//!
//! An answer in several small pieces stalls for 40 ms when the server's kernel waits for the client's to confirm one piece
//! before it sends the next (Nagle's algorithm and delayed ACKs), which `axum::serve` does unless it is told not to.

use std::time::{Duration, Instant};

use super::client::Client;
use super::finding::{Finding, short};
use super::load::Load;
use super::servers::{CACHED, STREAMING, Server, Threads};
use crate::workspace::{Outcome, Workspace};

const DURATION: Duration = Duration::from_secs(2);

/// The least number of answers per second: far more than with a stall, far less than without.
const FEWEST: f64 = 1000.0;

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let ours = rate(workspace, STREAMING)?;
    let (peer, stalling) = (rate(workspace, CACHED)?, rate(workspace, CACHED.with("NODELAY", "off"))?);
    Ok(vec![Finding {
        what: "three progress notifications: requests per second, one connection".to_owned(),
        goal: format!("≥ {}", short(FEWEST)),
        measured: short(ours),
        by_hand: String::new(),
        peer: format!("{} ({} without `TCP_NODELAY`)", short(peer), short(stalling)),
        met: Some(ours >= FEWEST),
        reason: None,
    }])
}

fn rate(workspace: &Workspace, server: Server) -> Outcome<f64> {
    let running = server.start(workspace, Threads::AllProcessors)?;
    let requests = Load::Progress.requests(running.address, &[])?;
    let mut client = Client::connect(running.address)?;
    // Only then does the client's kernel delay what it confirms.
    client.repeat(Load::Progress, &requests, 50)?;
    let (start, mut answers) = (Instant::now(), 0.0);
    while start.elapsed() < DURATION {
        client.repeat(Load::Progress, &requests, 1)?;
        answers += 1.0;
    }
    Ok(answers / start.elapsed().as_secs_f64())
}
