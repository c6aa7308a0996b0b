//! What tokens that are JWTs cost, in processor time. valgrind knows neither SHA nor ADX instructions, so that counts of
//! what cryptography costs are far from what it takes.

use std::fs;
use std::process::Command;

use super::client::Client;
use super::finding::{Finding, median};
use super::load::Load;
use super::servers::{JWT, SERVE, SIGNATURE, Server, Threads, logged_tokens};
use crate::workspace::{Outcome, Workspace, output};

/// How many requests with a token that was seen before are enough for a clock.
const REQUESTS: usize = 20_000;
/// How many new tokens are: the variable `TOKENS`.
const TOKENS: &str = "2000";
const ROUNDS: usize = 9;
const MOST_FOR_SEEN: f64 = 1.1;
const MOST_FOR_NEW: f64 = 1.15;

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let jwt = JWT.with("TOKENS", TOKENS);
    let mut rounds = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    // In turns, so that whatever else the machine does is done to each.
    for _ in 0..ROUNDS {
        let round = [
            per_request(workspace, SERVE, Load::Call)?,
            per_request(workspace, jwt, Load::SeenToken)?,
            per_request(workspace, jwt, Load::FreshTokens)?,
            signature(workspace)?,
        ];
        rounds.iter_mut().zip(round).for_each(|(times, time)| times.push(time));
    }
    let [fixed, seen, new, signature] = rounds.map(median);
    let microseconds = |time: f64| format!("{time:.1} µs");
    Ok(vec![
        Finding {
            what: "JWT, token seen before: processor time".to_owned(),
            goal: format!("≤ {MOST_FOR_SEEN} × a fixed token ({})", microseconds(fixed)),
            measured: format!("{} ({:.2} ×)", microseconds(seen), seen / fixed),
            by_hand: String::new(),
            peer: String::new(),
            met: Some(seen <= MOST_FOR_SEEN * fixed),
        },
        Finding {
            what: "JWT, new token: processor time beyond that of a fixed token".to_owned(),
            goal: format!("≤ {MOST_FOR_NEW} × the check of a signature"),
            measured: format!("{} ({:.2} ×)", microseconds(new - fixed), (new - fixed) / signature),
            by_hand: microseconds(signature),
            peer: String::new(),
            met: Some(new - fixed <= MOST_FOR_NEW * signature),
        },
    ])
}

/// In microseconds.
fn per_request(workspace: &Workspace, server: Server, load: Load) -> Outcome<f64> {
    let running = server.start(workspace, Threads::One)?;
    let mut client = Client::connect(running.address)?;
    let tokens = logged_tokens(workspace)?;
    let (warm_up, times) = match load {
        Load::FreshTokens => (Load::SeenToken, tokens.len()),
        _ => (load, REQUESTS),
    };
    client.repeat(warm_up, &warm_up.requests(running.address, &tokens)?, 1000)?;
    let requests = load.requests(running.address, &tokens)?;
    // The only thread of the server.
    let path = format!("/proc/{}/schedstat", running.pid());
    let nanoseconds = || {
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        text.split(' ').next().and_then(|time| time.parse::<f64>().ok()).ok_or_else(|| format!("{path} has no time"))
    };
    let before = nanoseconds()?;
    client.repeat(load, &requests, times)?;
    Ok((nanoseconds()? - before) / times as f64 / 1000.0)
}

/// In microseconds.
fn signature(workspace: &Workspace) -> Outcome<f64> {
    let mut program = Command::new(SIGNATURE.path(workspace));
    let said = output(program.env("SIGNATURES", "1000"))?;
    said.trim().parse().map_err(|error| format!("{}: {error}", SIGNATURE.name()))
}
